// Express 4 under the name that package.json gives it. For these tests its types are those of Express 5.
declare module "express4" {
  export { default } from "express";
}
