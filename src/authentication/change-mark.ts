/**
 * When a change last took effect. Changes that come too fast take effect together: the first at once, those of the pause after it at its end, so
 * that the last one is never lost. All times are those of one clock, in milliseconds.
 */
export interface ChangeMark {
  /** When one last took effect; -Infinity if none ever did. */
  effective: number;
  /** When those that wait will take effect; Infinity where none waits. */
  due: number;
  /** For how long after `effective` further ones wait. */
  pause: number;
}

/** How long further changes wait: `first`, and twice as long each time that some did, up to `longest`. */
export interface Pauses {
  readonly first: number;
  readonly longest: number;
}

export function newMark(): ChangeMark {
  return {
    effective: Number.NEGATIVE_INFINITY,
    due: Number.POSITIVE_INFINITY,
    pause: 0,
  };
}

export function noteChange(mark: ChangeMark, now: number, pauses: Pauses): void {
  const last = lastEffect(mark, now, pauses);
  if (mark.due !== Number.POSITIVE_INFINITY) return;
  if (now < last + mark.pause) {
    mark.due = last + mark.pause;
    return;
  }
  mark.effective = now;
  mark.pause = pauses.first;
}

/** Never later than now. No timer is needed: what waits takes effect when somebody looks. */
export function lastEffect(mark: ChangeMark, now: number, { longest }: Pauses): number {
  if (now >= mark.due) {
    mark.effective = mark.due;
    mark.due = Number.POSITIVE_INFINITY;
    mark.pause = Math.min(mark.pause * 2, longest);
  }
  return mark.effective;
}
