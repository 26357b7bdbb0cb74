declare module "unix-crypt-td-js" {
  /** crypt(3) with DES: the two letters of salt and eleven more. */
  function crypt(password: string, salt: string): string;
  export = crypt;
}
