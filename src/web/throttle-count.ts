/**
 * What is counted under a key is one whole number, so that each step is one step wherever it is kept: how many tries are under way, and this
 * much for each wrong password.
 */
export const FAILURE: number = 2 ** 24;

/** The steps, as changes of points: what a limiter of rate-limiter-flexible is told. */
export const TAKE = 1;
export const GIVE_BACK = -1;
export const FAIL: number = FAILURE;
export const FORGET: number = -FAILURE;

/** The points that a limiter has: it refuses where `most` wrong passwords are counted, and not for tries under way. */
export function pointsFor(most: number): number {
  return most * FAILURE - 1;
}

export function failuresOf(count: number): number {
  return Math.floor(count / FAILURE);
}

/** Wrong passwords and tries under way together: how many places are taken. */
export function placesOf(count: number): number {
  return failuresOf(count) + (count % FAILURE);
}

/** A step, taken. `kept` is the count from now on; `told` differs where a place was asked for and none was free: as if it had been given. */
export interface Step {
  readonly kept: number;
  readonly told: number;
}

/** A refused try takes no place, so it has none to give back. The same as `STEP_SCRIPT`. */
export function step(count: number, change: number, points: number): Step {
  const most = failuresOf(points + 1);
  const underWay = count % FAILURE;
  const failures = failuresOf(count);
  if (change === TAKE) {
    if (failures >= most) return { kept: count, told: count };
    return { kept: placesOf(count) < most ? count + 1 : count, told: count + 1 };
  }
  const left = Math.max(0, underWay - 1);
  const kept = change === FORGET ? left : (failures + (change === FAIL ? 1 : 0)) * FAILURE + left;
  return { kept, told: kept };
}

/** The same as `step`, for Redis: KEYS[1]; ARGV: change, seconds that a count lasts, points. Returns the count and its milliseconds. */
export const STEP_SCRIPT: string = `
local count = math.max(tonumber(redis.call('get', KEYS[1]) or '0'), 0)
local change = tonumber(ARGV[1])
local most = (tonumber(ARGV[3]) + 1) / ${FAILURE}
local ttl = redis.call('pttl', KEYS[1])
if ttl < 0 then ttl = tonumber(ARGV[2]) * 1000 end
local underWay = count % ${FAILURE}
local failures = (count - underWay) / ${FAILURE}
if change == ${TAKE} then
  if failures >= most then return {count, ttl} end
  if failures + underWay >= most then return {count + 1, ttl} end
  underWay = underWay + 1
else
  underWay = math.max(underWay - 1, 0)
  if change == ${FAIL} then failures = failures + 1 end
  if change == ${FORGET} then failures = 0 end
end
count = failures * ${FAILURE} + underWay
if count == 0 then
  redis.call('del', KEYS[1])
else
  redis.call('set', KEYS[1], string.format('%.0f', count), 'PX', math.max(ttl, 1))
end
return {count, ttl}
`;
