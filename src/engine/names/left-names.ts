import { readdirSync } from 'node:fs'
import { mkdir, rm } from 'node:fs/promises'
import { join } from 'node:path'
import { DISK_FULL_HINT, type Diagnostic, errnoOf, isDiskFull, messageOf } from '../../diagnostics/index.ts'
import { writeFileAtomic } from '../../linux/atomic-file.ts'
import { endpointNames } from '../../network/index.ts'
import type { Container } from '../state/container.ts'
import { projectOf, SERVICE } from '../state/project.ts'
import { type KeptNames, readKept, textOf } from './left-record.ts'

/** What is known of a project. */
interface Known extends KeptNames {
  /** Its containers when they were last looked at: what they were called is asked when they are gone. */
  present: ReadonlyMap<string, readonly Container[]>
  /** What the record says; undefined while the disk was too full for it. */
  written: string | undefined
}

/** Where names of services are kept that have no container any more, and whom to tell of a record that cannot be read. */
interface LeftNamesOptions {
  readonly root: string
  readonly warn: (warning: Diagnostic) => void
}

/**
 * The names of services whose containers were removed, and of those of the file that had none yet, as long as there is something of their project: they are its own still, as those of one
 * that is down, also to an engine after a reboot.
 */
export class LeftNames {
  readonly #folder: string
  readonly #warn: LeftNamesOptions['warn']
  readonly #known = new Map<string, Known>()
  /** Services that projects have no more, until they are looked at. */
  readonly #forgotten = new Map<string, Set<string>>()

  constructor({ root, warn }: LeftNamesOptions) {
    this.#folder = join(root, 'names')
    this.#warn = warn
  }

  /** The projects that have some, as an earlier engine has left them. */
  projects(): string[] {
    try {
      return readdirSync(this.#folder).flatMap(name => (name.endsWith('.json') ? [name.slice(0, -5)] : []))
    } catch (error) {
      if (errnoOf(error) === 'ENOENT') return []
      throw error
    }
  }

  /** Their names, after a look at the containers that the project has now. One look at a time for each project. */
  async look(project: string, containers: readonly Container[]): Promise<string[]> {
    const known = this.#knownOf(project)
    const now = byService(containers)
    let isOther = false
    for (const [service, gone] of known.present) {
      if (now.has(service)) continue
      known.left.set(service, namesOf(gone, project))
      isOther = true
    }
    for (const service of [...now.keys(), ...(this.#forgotten.get(project) ?? [])])
      isOther = known.left.delete(service) || isOther
    this.#forgotten.delete(project)
    known.present = now
    if (isOther || known.written === undefined) await this.#write(project, known)
    return [...[...known.left.values()].flat(), ...known.told]
  }

  /** Names that are the project's from the next look on, in place of those that were told before. */
  async tell(project: string, names: readonly string[]): Promise<void> {
    const known = this.#knownOf(project)
    known.told = [...new Set(names)].sort()
    await this.#write(project, known)
  }

  /** What was told last; undefined: none. */
  told(project: string): readonly string[] | undefined {
    const { told } = this.#known.get(project) ?? this.#read(project)
    return told.length === 0 ? undefined : told
  }

  /** The project has nothing any more. */
  async release(project: string): Promise<void> {
    this.#known.delete(project)
    this.#forgotten.delete(project)
    await rm(this.#path(project), { force: true })
  }

  /** The service of this container, which is gone, is none of its project's any more. */
  forget(container: Pick<Container, 'record'>): void {
    const project = projectOf(container)
    const service = serviceOf(container)
    if (project === undefined || service === undefined) return
    this.#forgotten.set(project, (this.#forgotten.get(project) ?? new Set()).add(service))
  }

  #knownOf(project: string): Known {
    const known = this.#known.get(project) ?? this.#read(project)
    this.#known.set(project, known)
    return known
  }

  #read(project: string): Known {
    const kept = readKept(this.#path(project), this.#warn)
    return { ...kept, present: new Map(), written: textOf(kept) }
  }

  /** What a power cut takes of it is less than a wait for the disk at each removal. */
  async #write(project: string, known: Known): Promise<void> {
    const text = textOf(known)
    if (text === known.written) return
    known.written = undefined
    try {
      if (known.left.size + known.told.length === 0) await rm(this.#path(project), { force: true })
      else {
        await mkdir(this.#folder, { recursive: true, mode: 0o700 })
        await writeFileAtomic(this.#path(project), text, { durable: false })
      }
      known.written = text
    } catch (error) {
      // Nobody is kept from removing what fills the disk. It is in memory, and written at the next look.
      if (!isDiskFull(error)) throw error
      this.#warn({
        severity: 'warning',
        code: 'DISK_FULL',
        summary: `names of removed services of project ${project} are not kept for the next engine: ${messageOf(error)}`,
        hint: DISK_FULL_HINT,
      })
    }
  }

  #path(project: string): string {
    return join(this.#folder, `${project}.json`)
  }
}

/** One-off containers of `run` are no service's own. */
function byService(containers: readonly Container[]): Map<string, Container[]> {
  const services = new Map<string, Container[]>()
  for (const container of containers) {
    const service = serviceOf(container)
    if (service === undefined || container.record.config.Labels?.[ONE_OFF] === 'True') continue
    services.set(service, [...(services.get(service) ?? []), container])
  }
  return services
}

const ONE_OFF = 'com.docker.compose.oneoff'

function serviceOf({ record }: Pick<Container, 'record'>): string | undefined {
  return record.config.Labels?.[SERVICE]?.toLowerCase()
}

/** All by which others have called them, but for their ids; of one that was on no network what it would be called there. */
function namesOf(containers: readonly Container[], project: string): string[] {
  const names = containers.flatMap(({ name, record }) => {
    const service = record.config.Labels?.[SERVICE] ?? ''
    const onNetworks = record.endpoints.flatMap(({ networkName, aliases }) =>
      endpointNames({
        containerName: name,
        containerId: '',
        networkName,
        aliases: [...aliases, service],
        ...(record.config.Hostname ? { hostname: record.config.Hostname } : {}),
        project,
      }),
    )
    return [...onNetworks, ...[service, `${service}.${project}`].map(each => each.toLowerCase())]
  })
  return [...new Set(names)].sort()
}
