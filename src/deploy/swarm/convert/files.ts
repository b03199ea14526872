import type { ServiceFile, SwarmDriver } from '../../../api/types/index.ts'
import type { Config, FileReference, Secret } from '../../../model/index.ts'
import { type Context, compact, type Subject } from './context.ts'
import type { Place } from './findings.ts'
import { nameProblem, stackLabels } from './names.ts'

/** A config or a secret as the file has it; what it is called in the swarm is decided when that has been looked at. */
export interface StackFile {
  readonly kind: 'config' | 'secret'
  readonly key: string
  /** As `docker stack` calls it, and as the first version of its content is called. */
  readonly name: string
  readonly place: Place
  readonly external: boolean
  readonly labels: Readonly<Record<string, string>>
  /** Absent for one that is external, or of a driver. */
  readonly data?: Uint8Array
  readonly driver?: SwarmDriver
  readonly templating?: SwarmDriver
}

type Section = 'configs' | 'secrets'

const KIND = { configs: 'config', secrets: 'secret' } as const

/** Where a file is that says nothing of it. */
const FOLDER = { configs: '/', secrets: '/run/secrets/' } as const

/** Bytes that a manager takes of one. */
const LARGEST = { configs: 1_000_000, secrets: 500_000 } as const

/** What services use of a section, in the order of its names. */
export function stackFiles(context: Context, section: Section): StackFile[] {
  const { services } = context.project.model
  const used = new Set(
    Object.values(services).flatMap(service => (service[section] ?? []).map(({ source }) => source)),
  )
  return [...used].sort().flatMap(key => {
    const definition = context.project.model[section]?.[key]
    return definition === undefined ? [] : [stackFile(context, section, key, definition)]
  })
}

function stackFile(context: Context, section: Section, key: string, definition: Secret | Config): StackFile {
  const path = [section, key]
  const { name, external = false, driver, driver_opts: options, template_driver: template } = definition
  const problem = external ? undefined : nameProblem(KIND[section], name)
  if (problem !== undefined) context.findings.error('SWARM_NAME', path, problem)
  return {
    kind: KIND[section],
    key,
    name,
    place: context.findings.placeOf(path),
    external,
    labels: stackLabels(context.stack, definition.labels),
    ...compact<Partial<StackFile>>({
      data: external || driver !== undefined ? undefined : contentOf(context, section, key, definition),
      driver: driver === undefined ? undefined : compact({ Name: driver, Options: options }),
      templating: template === undefined ? undefined : { Name: template },
    }),
  }
}

function contentOf(
  { findings, read }: Context,
  section: Section,
  key: string,
  { file, content, environment }: Secret | Config,
): Uint8Array {
  const path = [section, key]
  const data = file === undefined ? textBytes(content) : read(file)
  if (data === undefined) {
    const source = file === undefined ? `the variable "${environment ?? ''}"` : `the file "${file}"`
    findings.error('SWARM_CONTENT', path, `${KIND[section]} "${key}": ${source} is not there`)
    return new Uint8Array()
  }
  const isTooLarge = data.length > LARGEST[section]
  if (isTooLarge || data.length === 0)
    findings.error(
      'SWARM_CONTENT',
      path,
      `${KIND[section]} "${key}" has ${data.length} bytes, a swarm takes 1 to ${LARGEST[section]}`,
    )
  return data
}

function textBytes(text: string | undefined): Uint8Array | undefined {
  return text === undefined ? undefined : new TextEncoder().encode(text)
}

/** What a service mounts of a section: names as the file has them, which a plan makes those of the swarm. */
export function fileReferences({ context, service }: Subject, section: Section): ServiceFile[] {
  return (service[section] ?? [])
    .map(reference => {
      const { name = reference.source } = context.project.model[section]?.[reference.source] ?? {}
      const File = {
        Name: targetOf(reference, section),
        UID: reference.uid ?? '0',
        GID: reference.gid ?? '0',
        Mode: Number.parseInt(reference.mode ?? '0444', 8),
      }
      return section === 'configs' ? { File, ConfigName: name } : { File, SecretName: name }
    })
    .sort((a, b) => compareText(nameOf(a), nameOf(b)))
}

/** Of what is where the file does not say, the name alone, as `docker stack` has it. */
function targetOf({ source, target = source }: FileReference, section: Section): string {
  const folder = FOLDER[section]
  const name = target.startsWith(folder) ? target.slice(folder.length) : target
  return section === 'secrets' ? (name.includes('/') ? target : name) : name === source ? name : target
}

function nameOf({ ConfigName, SecretName }: ServiceFile): string {
  return ConfigName ?? SecretName ?? ''
}

function compareText(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0
}
