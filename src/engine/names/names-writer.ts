import { readdir } from 'node:fs/promises'
import { dirname } from 'node:path'
import { errnoOf } from '../../diagnostics/index.ts'
import { Coalesced } from '../../linux/coalesced.ts'
import {
  type NamedEndpoint,
  namesFolder,
  readListed,
  removeNames,
  renderNames,
  writeNames,
} from '../../network/index.ts'
import type { Container } from '../state/container.ts'
import type { ContainerTable } from '../state/container-table.ts'
import type { NamesFiles } from '../state/context.ts'
import type { NetworkTable } from '../state/network-table.ts'
import { projectOf, SERVICE } from '../state/project.ts'
import { namedEndpoints, namesOfHost, namesOfProject } from './listed.ts'
import { hasOwnNames, hostEndpoint, linkedEndpoints, namesAllowed, projectNames } from './own.ts'

/** Whose names a writer writes. */
interface Named {
  readonly containers: ContainerTable
  readonly networks: Pick<NetworkTable, 'find'>
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
  /** Services that projects have no more, until their files are written. */
  readonly #forgotten = new Map<string, Set<string>>()

  constructor(run: string, named: Named, write: typeof writeNames = writeNames) {
    this.#run = run
    this.#named = named
    this.#write = write
  }

  async update(ids: readonly string[]): Promise<void> {
    const containers = [...this.#named.containers.values()]
    const there = containers.filter(({ record }) =>
      record.endpoints.some(({ networkId }) => ids.includes(networkId)),
    )
    const projects = new Set([...this.#projects.keys(), ...there.flatMap(each => projectOf(each) ?? [])])
    const files = new Set([...ids, ...there.filter(hasOwnNames).map(container => container.id)])
    await Promise.all([
      ...[...files].map(id => this.#coalesced(id, () => this.#synchronise(id))),
      ...[...projects].map(project => this.#updateProject(project)),
    ])
  }

  textOf(networkId: string): string {
    return renderNames(this.#namedOn(networkId))
  }

  async remove(networkId: string): Promise<void> {
    this.#gone.add(networkId)
    await this.#coalesced(networkId, () => this.#synchronise(networkId))
  }

  keep(networkId: string): void {
    this.#gone.delete(networkId)
  }

  forget(container: Pick<Container, 'record'>): void {
    const project = projectOf(container)
    const service = container.record.config.Labels?.[SERVICE]?.toLowerCase()
    if (project === undefined || service === undefined) return
    this.#forgotten.set(project, (this.#forgotten.get(project) ?? new Set()).add(service))
  }

  async sweep(): Promise<void> {
    const prefix = projectNames('')
    const written = (await foldersIn(dirname(namesFolder(this.#run, '-')))).filter(name =>
      name.startsWith(prefix),
    )
    for (const name of written) this.#projects.set(name.slice(prefix.length), UNREAD)
    await Promise.all(written.map(name => this.#updateProject(name.slice(prefix.length))))
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
    const names = namesOfProject(this.#named.containers, project, await this.#namesBefore(project))
    if (names.length === 0) {
      this.#projects.delete(project)
      return removeNames(this.#run, id)
    }
    const text = names.join()
    if (this.#projects.get(project) === text) return
    await this.#write(this.#run, id, [{ names, addresses: [], project }], { readBy: project })
    this.#projects.set(project, text)
  }

  /** Those that the project's file tells, which an earlier engine may have written. */
  async #namesBefore(project: string): Promise<readonly string[]> {
    const told = this.#projects.get(project) || UNREAD
    const names = told === UNREAD ? await readListed(this.#run, projectNames(project)) : told.split(',')
    const forgotten = this.#forgotten.get(project)
    this.#forgotten.delete(project)
    return names.filter(name => forgotten?.has(name) !== true)
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

  #coalesced(id: string, task: () => Promise<void>): Promise<void> {
    const known = this.#writers.get(id)
    if (known !== undefined) return known.run()
    const writer = new Coalesced(task)
    this.#writers.set(id, writer)
    return writer.run()
  }
}

/** Of a file that an earlier engine has written: it may be of another state. */
const UNREAD = ''

async function foldersIn(path: string): Promise<string[]> {
  try {
    return await readdir(path)
  } catch (error) {
    if (errnoOf(error) === 'ENOENT') return []
    throw error
  }
}
