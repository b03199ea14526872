import type { ContainerSummary } from '../../api/types/index.ts'
import type { Docker } from '../../client/index.ts'
import { Failure } from '../../diagnostics/index.ts'
import { isOneOff, listProjectContainers, serviceOf } from '../containers.ts'
import { type Copy, putCopies, removeCopies } from './copy.ts'

/** What is to be done to the files of a service's containers. */
export interface FileChanges {
  readonly puts: readonly Copy[]
  /** Paths in the container. */
  readonly removed: readonly string[]
}

/** The containers of services, and what those that do not run have missed. */
export class Replicas {
  readonly #docker: Docker
  readonly #project: string
  /** Paths to be removed, by container: that takes one that runs. */
  readonly #missed = new Map<string, Set<string>>()

  #listed: Promise<readonly ContainerSummary[]> | undefined

  constructor(docker: Docker, project: string) {
    this.#docker = docker
    this.#project = project
  }

  /** Something has happened to one of them: the next list is asked for. */
  changed(): void {
    this.#listed = undefined
  }

  /** Those of a service that there are, one-offs left out. */
  async list(services: ReadonlySet<string>): Promise<readonly ContainerSummary[]> {
    this.#listed ??= listProjectContainers(this.#docker, this.#project, true)
    const listed = this.#listed
    // A list that failed is no list.
    listed.catch(() => this.changed())
    return (await listed).filter(container => services.has(serviceOf(container)) && !isOneOff(container))
  }

  /** Removes and puts, in this order, in all containers of a service at once; the ids of those that have it all. */
  async apply(service: string, { puts, removed }: FileChanges): Promise<readonly string[]> {
    const containers = await this.list(new Set([service]))
    const done = containers.map(async ({ Id, State }) => {
      if (removed.length > 0) {
        this.#missed.set(Id, new Set([...(this.#missed.get(Id) ?? []), ...removed]))
        if (State === 'running') await this.catchUp(Id)
      }
      if (puts.length > 0) {
        for (const { to } of puts) this.#missed.get(Id)?.delete(to)
        await unlessGone(putCopies(this.#docker, Id, puts))
      }
      return Id
    })
    return await Promise.all(done)
  }

  /** Puts files into one container. */
  put(id: string, puts: readonly Copy[]): Promise<void> {
    return putCopies(this.#docker, id, puts)
  }

  /** Does what one that runs now has missed; what it stops at, it has missed again. */
  async catchUp(id: string): Promise<void> {
    const missed = this.#missed.get(id)
    if (missed === undefined || missed.size === 0) return
    const paths = [...missed]
    const remove = async (): Promise<void> => {
      if (await removeCopies(this.#docker, id, paths)) for (const path of paths) missed.delete(path)
    }
    try {
      await unlessGone(remove())
    } catch (error) {
      // What rm cannot remove, it cannot remove the next time either.
      if (error instanceof Failure && error.code === 'WATCH_REMOVE') this.#missed.delete(id)
      throw error
    }
  }
}

/** A container that is being replaced takes nothing more, and the next one is caught up with: false. */
export async function unlessGone(work: Promise<unknown>): Promise<boolean> {
  try {
    await work
    return true
  } catch (error) {
    if (!(error instanceof Failure && (error.kind === 'notFound' || error.kind === 'conflict'))) throw error
    return false
  }
}
