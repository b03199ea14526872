import { readdir } from 'node:fs/promises'
import { dirname } from 'node:path'
import { errnoOf } from '../../diagnostics/index.ts'
import { Coalesced } from '../../linux/coalesced.ts'
import type { Turns } from '../../linux/turns.ts'
import { type NamedEndpoint, namesFolder, removeNames, renderNames, writeNames } from '../../network/index.ts'
import type { Container } from '../state/container.ts'
import type { ContainerTable } from '../state/container-table.ts'
import type { EngineContext, NamesFiles } from '../state/context.ts'
import type { NetworkTable } from '../state/network-table.ts'
import type { EnginePaths } from '../state/paths.ts'
import { PROJECT, projectOf } from '../state/project.ts'
import { LeftNames } from './left-names.ts'
import { containersOf, namedEndpoints, namesOfHost, namesOfProject } from './listed.ts'
import { hasOwnNames, hostEndpoint, linkedEndpoints, namesAllowed, projectNames } from './own.ts'

/** Milliseconds that a file stays as it is at most, while others start one behind the other. */
const MOST_REST = 40

/** Whose names a writer writes. */
interface Named {
  readonly containers: ContainerTable
  readonly networks: Pick<NetworkTable, 'find' | 'standing'>
  readonly turns: Pick<Turns, 'calm'>
  readonly warn: EngineContext['warn']
}

/**
 * Keeps RUN/networks/<id>/names, of a network, of a project or of a container's own, equal to the containers that there are;
 * many changes of one moment become one write.
 */
export class NamesWriter implements NamesFiles {
  readonly #run: string
  readonly #named: Named
  readonly #write: typeof writeNames
  readonly #gone = new Set<string>()
  readonly #writers = new Map<string, Coalesced>()
  /** What the files of projects tell, by project: nearly all changes are of addresses, of which they have none. */
  readonly #projects = new Map<string, string>()
  readonly #left: LeftNames

  constructor(
    { root, run }: Pick<EnginePaths, 'root' | 'run'>,
    named: Named,
    write: typeof writeNames = writeNames,
  ) {
    this.#run = run
    this.#named = named
    this.#left = new LeftNames({ root, warn: named.warn })
    this.#write = write
  }

  async update(ids: readonly string[]): Promise<void> {
    await Promise.all([
      ...[...new Set(ids)].map(id => this.#coalesced(`around ${id}`, () => this.#writeAround(id), true)),
      ...[...this.#projects.keys()].map(project => this.#updateProject(project)),
    ])
  }

  textOf(networkId: string): string {
    return renderNames(this.#namedOn(networkId))
  }

  async remove(networkId: string): Promise<void> {
    this.#gone.add(networkId)
    await this.#coalesced(networkId, () => this.#synchronise(networkId))
    // Its project may have nothing else.
    await Promise.all([...this.#projects.keys()].map(project => this.#updateProject(project)))
  }

  keep(networkId: string): void {
    this.#gone.delete(networkId)
  }

  forget(container: Pick<Container, 'record'>): void {
    this.#left.forget(container)
  }

  async tell(project: string, names: readonly string[]): Promise<void> {
    await this.#left.tell(project, names)
    // Of one that has nothing yet they are kept for its first container.
    if (this.#isThere(project, containersOf(this.#named.containers, project)))
      await this.#updateProject(project)
  }

  told(project: string): readonly string[] | undefined {
    return this.#left.told(project)
  }

  async sweep(): Promise<void> {
    const prefix = projectNames('')
    const written = (await foldersIn(dirname(namesFolder(this.#run, '-'))))
      .filter(name => name.startsWith(prefix))
      .map(name => name.slice(prefix.length))
    const projects = new Set([...written, ...this.#left.projects()])
    await Promise.all([...projects].map(project => this.#updateProject(project)))
  }

  /** The file of a network, or of a container's own, and those that follow from who is on it: who they are is asked once for all who come together. */
  async #writeAround(id: string): Promise<void> {
    const there = [...this.#named.containers.values()].filter(({ record }) =>
      record.endpoints.some(({ networkId }) => networkId === id),
    )
    const projects = new Set(there.flatMap(each => projectOf(each) ?? []))
    const files = [id, ...there.filter(hasOwnNames).map(container => container.id)]
    await Promise.all([
      ...files.map(each => this.#coalesced(each, () => this.#synchronise(each))),
      ...[...projects].map(project => this.#updateProject(project)),
    ])
  }

  #synchronise(id: string): Promise<void> {
    const container = this.#named.containers.find(id)
    if (container !== undefined) return this.#synchroniseOwn(container)
    if (this.#gone.has(id)) return removeNames(this.#run, id)
    return this.#write(this.#run, id, this.#namedOn(id))
  }

  #namedOn(networkId: string): NamedEndpoint[] {
    const { containers, networks } = this.#named
    return [...namedEndpoints(containers, networkId), ...namesOfHost(networks.find(networkId))]
  }

  async #synchroniseProject(project: string): Promise<void> {
    const id = projectNames(project)
    const containers = containersOf(this.#named.containers, project)
    if (!this.#isThere(project, containers)) {
      this.#projects.delete(project)
      await this.#left.release(project)
      return removeNames(this.#run, id)
    }
    const names = namesOfProject(containers, project, await this.#left.look(project, containers))
    const text = names.join()
    if (this.#projects.get(project) === text) return
    if (names.length === 0) await removeNames(this.#run, id)
    else await this.#write(this.#run, id, [{ names, addresses: [], project }], { readBy: project })
    this.#projects.set(project, text)
  }

  /** Whether a project has a container on a network, or a network of its own, to which its containers will come again. */
  #isThere(project: string, containers: readonly Container[]): boolean {
    return (
      containers.some(({ record }) => record.endpoints.length > 0) ||
      this.#named.networks.standing().some(({ labels }) => labels[PROJECT] === project)
    )
  }

  #updateProject(project: string): Promise<void> {
    return this.#coalesced(projectNames(project), () => this.#synchroniseProject(project))
  }

  #synchroniseOwn(container: Container): Promise<void> {
    if (!hasOwnNames(container) || !container.holdsAddresses) return removeNames(this.#run, container.id)
    return this.#write(this.#run, container.id, this.#linked(container), {
      hides: true,
      ...namesAllowed(container),
    })
  }

  #linked(container: Container): NamedEndpoint[] {
    const { containers, networks } = this.#named
    return [...linkedEndpoints([...containers.values()], container), ...hostEndpoint(networks, container)]
  }

  /** While many start the file of a hundred is not written for each: the more are in it, the longer it rests between two times. */
  #rested(since: number): Promise<void> {
    const rest = Math.min(MOST_REST, this.#named.containers.size / 2)
    return this.#named.turns.calm(since + rest - performance.now())
  }

  #coalesced(id: string, task: () => Promise<void>, isAtOnce = false): Promise<void> {
    const known = this.#writers.get(id)
    if (known !== undefined) return known.run()
    let doneAt = Number.NEGATIVE_INFINITY
    const timed = (): Promise<void> => task().finally(() => (doneAt = performance.now()))
    const writer = isAtOnce ? new Coalesced(task) : new Coalesced(timed, () => this.#rested(doneAt))
    this.#writers.set(id, writer)
    return writer.run()
  }
}

async function foldersIn(path: string): Promise<string[]> {
  try {
    return await readdir(path)
  } catch (error) {
    if (errnoOf(error) === 'ENOENT') return []
    throw error
  }
}
