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
