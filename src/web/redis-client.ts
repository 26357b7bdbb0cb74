/** What is needed of a Redis client: one of node-redis, or one of ioredis. It stays the application's, which connects and closes it. */
export type RedisClient = NodeRedisClient | IoRedisClient;

/** node-redis (npm `redis`). */
export interface NodeRedisClient {
  sendCommand(args: readonly string[]): Promise<unknown>;
}

/** ioredis. */
export interface IoRedisClient {
  call(command: string, ...args: readonly string[]): Promise<unknown>;
}

/** A Redis that several processes share. */
export interface RedisSettings {
  readonly client: RedisClient;
  /** What its keys begin with. */
  readonly prefix: string;
}

/** Sends one command. Rejects with whatever the client does. */
export type SendRedis = (...command: readonly string[]) => Promise<unknown>;

/** The one thing that both kinds of client have. */
export function sendTo(client: RedisClient): SendRedis {
  return "call" in client
    ? (command = "", ...args) => client.call(command, ...args)
    : (...command) => client.sendCommand(command);
}

/** node-redis has `isReady`, ioredis `status`. Of others it is not known. One that is not ready would keep a command for later. */
export function isReady(client: object): boolean {
  if ("isReady" in client) return client.isReady === true;
  return !("status" in client) || client.status === "ready";
}
