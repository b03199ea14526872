import { setTimeout as sleep } from 'node:timers/promises'
import { failure } from '../../diagnostics/index.ts'
import { type CgroupFilesystem, readOptional } from './filesystem.ts'
import type { ContainerFreezer, SaidBefore } from './types.ts'
import { tryWrite } from './writes.ts'

/** A group's folders where its processes can be frozen: in the v2 tree, in the v1 hierarchy of that controller, or in both. */
interface FreezerFolders {
  readonly unified: string | undefined
  readonly v1: string | undefined
}

const PATIENCE_MS = 5_000

/** That of a container's group, and of the engine's own groups around it: who is in one that is frozen stands still, too. */
export class GroupFreezer implements ContainerFreezer {
  readonly #files: CgroupFilesystem
  readonly #own: FreezerFolders
  /** Outermost first. */
  readonly #around: readonly FreezerFolders[]
  readonly #id: string

  /** `roots`: the engine's own folders; `steps`: names of the groups between them and the container's, and of that. */
  constructor(files: CgroupFilesystem, roots: FreezerFolders, steps: readonly string[], id: string) {
    const at = (root: string | undefined, step: string): string | undefined => root && `${root}${step}`
    const folders = ['', ...steps.map(step => `/${step}`)].map(step => ({
      unified: at(roots.unified, step),
      v1: at(roots.v1, step),
    }))
    this.#files = files
    this.#around = folders.slice(0, -1)
    this.#own = folders.at(-1) ?? roots
    this.#id = id
  }

  async freeze(): Promise<void> {
    const { unified, v1 } = this.#own
    const done = unified !== undefined && this.#write(`${unified}/cgroup.freeze`, '1')
    // Where there are both, one is enough.
    if (v1 !== undefined && !done) this.#write(`${v1}/freezer.state`, 'FROZEN')
    await this.#until(true)
  }

  async thaw(): Promise<void> {
    const { unified } = this.#own
    if (unified !== undefined) this.#write(`${unified}/cgroup.freeze`, '0')
    this.release()
    await this.#until(false)
  }

  release(): void {
    for (const { unified, v1 } of this.#around) {
      if (isToldByV2(this.#read, unified)) this.#write(`${unified}/cgroup.freeze`, '0')
      if (isToldByV1(this.#read, v1)) this.#write(`${v1}/freezer.state`, 'THAWED')
    }
    const { v1 } = this.#own
    if (v1 !== undefined) this.#write(`${v1}/freezer.state`, 'THAWED')
  }

  /** Who is frozen by v1 dies when he goes on, by v2 at once. */
  letDie(): void {
    if (this.#own.v1 !== undefined && this.held()) this.release()
  }

  frozen(): boolean {
    const { unified, v1 } = this.#own
    const isOfV1 = v1 !== undefined && this.#read(`${v1}/freezer.self_freezing`)?.trim() !== '0'
    return (isToldByV2(this.#read, unified) && this.#isStillByV2()) || (isOfV1 && this.#isStillByV1())
  }

  freezing(read: SaidBefore = this.#read): boolean {
    return isToldByV2(read, this.#own.unified) || this.held(read)
  }

  held(read: SaidBefore = this.#read): boolean {
    // That of v1 says it of those around as well.
    return isToldByV1(read, this.#own.v1) || this.#around.some(each => isToldByV2(read, each.unified))
  }

  /** The files that say so. */
  get files(): string[] {
    const { unified, v1 } = this.#own
    const v2 = [...this.#around.map(each => each.unified), unified]
    return [
      ...v2.flatMap(folder => (folder === undefined ? [] : [`${folder}/cgroup.freeze`])),
      ...(v1 === undefined ? [] : [`${v1}/freezer.state`]),
    ]
  }

  /** Waits until all of its processes stand still, or none is kept from going on. */
  async #until(frozen: boolean): Promise<void> {
    const deadline = performance.now() + PATIENCE_MS
    for (
      let pause = 1;
      (this.#isStillByV2() || this.#isStillByV1()) !== frozen;
      pause = Math.min(20, pause * 2)
    ) {
      if (performance.now() > deadline) throw this.#refusal(frozen)
      await sleep(pause)
    }
  }

  #refusal(frozen: boolean): Error {
    const { unified, v1 } = this.#own
    return failure({
      code: 'FREEZE_REFUSED',
      kind: 'unavailable',
      summary: `container ${this.#id.slice(0, 12)} cannot be ${frozen ? 'paused' : 'unpaused'}`,
      hint: frozen
        ? 'a process in uninterruptible sleep keeps its group from freezing'
        : `somebody has frozen a group that the engine's own is in: see above ${v1 ?? unified}`,
    })
  }

  #isStillByV2(): boolean {
    const { unified } = this.#own
    return /^frozen 1$/m.test((unified && this.#read(`${unified}/cgroup.events`)) ?? '')
  }

  #isStillByV1(): boolean {
    const { v1 } = this.#own
    return v1 !== undefined && this.#read(`${v1}/freezer.state`)?.trim() === 'FROZEN'
  }

  readonly #read: SaidBefore = path => readOptional(this.#files, path)

  /** Whether there is such a file. */
  #write(path: string, value: string): boolean {
    return tryWrite(this.#files, path, value)
  }
}

function isToldByV2(read: SaidBefore, unified: string | undefined): boolean {
  return unified !== undefined && read(`${unified}/cgroup.freeze`)?.trim() === '1'
}

function isToldByV1(read: SaidBefore, v1: string | undefined): boolean {
  const state = v1 && read(`${v1}/freezer.state`)?.trim()
  return ['FROZEN', 'FREEZING'].includes(state ?? '')
}
