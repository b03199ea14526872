import type { Cgroups, Limits } from '../cgroup/index.ts'
import { newId } from '../words/ids.ts'

/** How many groups wait for a step: as many as steps that run side by side on most machines. */
const MOST_IDLE = 8

type Used = Pick<Cgroups, 'has' | 'ensure' | 'kill' | 'remove'>

interface StepGroup {
  readonly id: string
  /** As text: a step gets the groups of one with the same. */
  readonly limits: string
}

/**
 * The control groups of RUN steps. To make and remove a dozen folders takes longer than many a step, and after a step there is nobody
 * left in them: the next with the same limits has them as they are. They go with the engine; those of one that was killed are found as
 * groups without a container (src/engine/adopt/repair.ts).
 */
export class StepGroups {
  readonly #cgroups: Used
  readonly #idle: StepGroup[] = []

  constructor(cgroups: Used) {
    this.#cgroups = cgroups
  }

  /** Runs a task in groups of its own, whose id it gets with the limits that they cannot keep; whoever is left in them at its end is killed. */
  async using<T>(limits: Limits, task: (id: string, lost: readonly string[]) => Promise<T>): Promise<T> {
    const text = JSON.stringify(limits)
    const at = this.#idle.findIndex(each => each.limits === text)
    const [group = { id: newId(), limits: text }] = at < 0 ? [] : this.#idle.splice(at, 1)
    let isWhole = false
    try {
      // Somebody may have removed those that were there.
      const lost = at < 0 || !this.#cgroups.has(group.id) ? this.#cgroups.ensure(group.id, limits) : []
      isWhole = true
      return await task(group.id, lost)
    } finally {
      await (isWhole ? this.#giveBack(group) : this.#cgroups.remove(group.id))
    }
  }

  /** Removes those that wait. */
  async close(): Promise<void> {
    for (const { id } of this.#idle.splice(0)) await this.#cgroups.remove(id)
  }

  async #giveBack(group: StepGroup): Promise<void> {
    await this.#cgroups.kill(group.id)
    if (this.#idle.length < MOST_IDLE) this.#idle.push(group)
    else await this.#cgroups.remove(group.id)
  }
}
