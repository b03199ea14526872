import { existsSync } from 'node:fs'
import type { Mount as ApiMount } from '../../api/types/index.ts'
import { failure } from '../../diagnostics/index.ts'
import type { Config, FileReference, Project, Secret, Service } from '../../model/index.ts'
import type { RequestInput } from './input.ts'

/** A secret or config whose bytes are put into the container: of no file of the host, or of one that is to have another owner or mode there. */
export interface InjectedFile {
  readonly target: string
  /** Its text, or the file of the host that has its bytes when it is put in. */
  readonly content: string | { readonly file: string }
  /** Absent: it belongs to the user that the container runs as. */
  readonly owner?: { readonly uid: number; readonly gid: number }
  readonly mode: number
}

interface Mounted {
  readonly kind: 'secret' | 'config'
  readonly reference: FileReference
  readonly target: string
  readonly definition: Secret | Config
}

/** Read-only binds for what comes from files as they are. */
export function secretMounts(input: RequestInput): ApiMount[] {
  const { serviceName, service } = input.operation
  return mountedFiles(input.project, serviceName, service).flatMap(({ reference, target, definition }) =>
    definition.file === undefined || isChanged(reference)
      ? []
      : [{ Type: 'bind', Source: definition.file, Target: target, ReadOnly: true, BindOptions: {} } as const],
  )
}

/** A bind would show the owner and the mode that the file has on the host. */
function isChanged({ uid, gid, mode }: FileReference): boolean {
  return uid !== undefined || gid !== undefined || mode !== undefined
}

/**
 * What has to be put into the container before each start. What has no content now is an error, or, with `present`, left
 * as it is in a container that has run before.
 */
export function injectedFiles(
  project: Project,
  serviceName: string,
  service: Service,
  which: 'all' | 'present' = 'all',
): InjectedFile[] {
  return mountedFiles(project, serviceName, service).flatMap(({ kind, reference, target, definition }) => {
    const { file } = definition
    if (file !== undefined && (!isChanged(reference) || (which === 'present' && !existsSync(file)))) return []
    const content = file === undefined ? definition.content : { file }
    if (content === undefined && which === 'present') return []
    if (content === undefined) throw withoutContent(serviceName, kind, reference.source, definition)
    const { uid, gid, mode = '0444' } = reference
    const isOwned = uid !== undefined || gid !== undefined
    const number = (name: 'uid' | 'gid'): number => ownerNumber(serviceName, kind, reference, name)
    const owner = { uid: number('uid'), gid: number('gid') }
    return [{ target, content, mode: Number.parseInt(mode, 8), ...(isOwned ? { owner } : {}) }]
  })
}

/** Files of the host that the service's secrets and configs come from. */
export function sourceFiles(
  project: Project,
  serviceName: string,
  service: Service,
): {
  readonly kind: 'secret' | 'config'
  readonly name: string
  readonly file: string
  /** Its bytes are put in; otherwise it is bound, and may be a folder. */
  readonly copied: boolean
}[] {
  return mountedFiles(project, serviceName, service).flatMap(({ kind, reference, definition: { file } }) =>
    file === undefined ? [] : [{ kind, name: reference.source, file, copied: isChanged(reference) }],
  )
}

function mountedFiles(project: Project, serviceName: string, service: Service): Mounted[] {
  const secrets = (service.secrets ?? []).map(
    (reference): Mounted => ({
      kind: 'secret',
      reference,
      target: targetOf(reference, '/run/secrets/'),
      definition: definitionOf(project.model.secrets, serviceName, 'secret', reference),
    }),
  )
  const configs = (service.configs ?? []).map(
    (reference): Mounted => ({
      kind: 'config',
      reference,
      target: targetOf(reference, '/'),
      definition: definitionOf(project.model.configs, serviceName, 'config', reference),
    }),
  )
  return [...configs, ...secrets]
}

function targetOf({ source, target = source }: FileReference, base: string): string {
  return target.startsWith('/') ? target : `${base}${target}`
}

function definitionOf<T extends Secret | Config>(
  definitions: Readonly<Record<string, T>> | undefined,
  serviceName: string,
  kind: 'secret' | 'config',
  { source }: FileReference,
): T {
  const definition = definitions?.[source]
  if (definition !== undefined && definition.external !== true && definition.driver === undefined)
    return definition
  throw failure({
    kind: definition === undefined ? 'notFound' : 'notImplemented',
    code: definition === undefined ? 'FILE_NOT_DEFINED' : 'EXTERNAL_FILE_NOT_SUPPORTED',
    summary:
      definition === undefined
        ? `service "${serviceName}" uses ${kind} "${source}", which is not defined`
        : `${kind} "${source}" of service "${serviceName}" is external, and there is no store to take it from`,
    hint: 'give it a "file", "environment" or "content"',
  })
}

function withoutContent(
  serviceName: string,
  kind: string,
  source: string,
  definition: Secret | Config,
): Error {
  const { environment } = definition
  return failure({
    kind: 'invalidArgument',
    code: 'FILE_WITHOUT_CONTENT',
    summary:
      environment === undefined
        ? `${kind} "${source}" of service "${serviceName}" has no content`
        : `${kind} "${source}" of service "${serviceName}" comes from the variable "${environment}", which is not set`,
    hint: environment === undefined ? 'give it a "file", "environment" or "content"' : `set ${environment}`,
  })
}

/** Highest id that Linux knows; the next one, -1, says "leave it". */
const HIGHEST_ID = 2 ** 32 - 2

/** 0 where none is given. A name would need the container's passwd file, which Docker Compose does not look into either. */
function ownerNumber(
  serviceName: string,
  kind: 'secret' | 'config',
  reference: FileReference,
  name: 'uid' | 'gid',
): number {
  const text = reference[name] ?? '0'
  const id = Number(text)
  if (/^\d+$/.test(text) && id <= HIGHEST_ID) return id
  throw failure({
    kind: 'invalidArgument',
    code: 'FILE_OWNER_INVALID',
    summary: `${kind} "${reference.source}" of service "${serviceName}" has the ${name} "${text}", which is no number of a ${name === 'uid' ? 'user' : 'group'}`,
    hint: 'names are not looked up: write the number',
  })
}
