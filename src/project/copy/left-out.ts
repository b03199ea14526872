import type { TarType } from '../../tar/index.ts'

/** What a copy does not take along: who asked for it is told how much of it there was. */
export class LeftOut {
  readonly #counts = { device: 0, pipe: 0 }

  /** Counts an entry of such a kind. */
  add(type: TarType): void {
    this.#counts[type === 'fifo' ? 'pipe' : 'device'] += 1
  }

  /** `2 devices left out`; undefined where nothing was. */
  get words(): string | undefined {
    const parts = Object.entries(this.#counts).flatMap(([what, count]) =>
      count === 0 ? [] : [`${count} ${what}${count === 1 ? '' : 's'}`],
    )
    return parts.length === 0 ? undefined : `${parts.join(' and ')} left out`
  }
}
