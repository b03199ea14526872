import type { Project } from '../../model/index.ts'
import { load } from '../../parser/index.ts'
import {
  type Conversion,
  type ConvertOptions,
  convert,
  type HostFile,
  type KubernetesObject,
  objectsOf,
} from './index.ts'

/** What a conversion is tried with, beside the text of the Compose file. */
export interface TextOptions extends ConvertOptions {
  /** Files of the machine by their absolute paths; the project is in /srv/shop. */
  readonly files?: Readonly<Record<string, string | Uint8Array | HostFile>>
  readonly profiles?: readonly string[]
  /** Further Compose files, merged in this order. */
  readonly overrides?: readonly string[]
}

/** The conversion of a Compose file that is in /srv/shop. */
export function convertText(text: string, options: TextOptions = {}): Conversion {
  const { files = {}, profiles, overrides, ...rest } = options
  return convert(projectOfText(text, options), rest, path => hostFile(files[path]))
}

function projectOfText(text: string, { files = {}, profiles = [], overrides = [] }: TextOptions): Project {
  const { project, diagnostics } = load({
    files: [text, ...overrides].map((each, index) => ({
      name: `/srv/shop/${index === 0 ? 'compose' : `override-${index}`}.yaml`,
      text: each,
    })),
    workingDir: '/srv/shop',
    env: {},
    profiles,
    readFile: path => {
      const found = files[path]
      return typeof found === 'string' ? found : undefined
    },
  })
  if (project === undefined)
    throw new Error(diagnostics.map(({ code, summary }) => `${code} ${summary}`).join('\n'))
  return project
}

function hostFile(found: string | Uint8Array | HostFile | undefined): HostFile {
  if (found === undefined) return { kind: 'missing' }
  if (typeof found === 'string') return { kind: 'file', bytes: Buffer.from(found), mode: 0o644 }
  return found instanceof Uint8Array ? { kind: 'file', bytes: found, mode: 0o644 } : found
}

type ObjectOf<Kind extends KubernetesObject['kind']> = Extract<KubernetesObject, { readonly kind: Kind }>

/** The object of a kind and a name; raises where there is none. */
export function objectNamed<Kind extends KubernetesObject['kind']>(
  conversion: Conversion,
  kind: Kind,
  name: string,
): ObjectOf<Kind> {
  const found = objectsOf(conversion).find(each => each.kind === kind && each.metadata.name === name)
  if (found === undefined) throw new Error(`no ${kind} "${name}" among ${namesOf(conversion).join(', ')}`)
  return found as ObjectOf<Kind>
}

/** `Deployment web` of all objects, sorted. */
export function namesOf(conversion: Conversion): string[] {
  return objectsOf(conversion)
    .map(({ kind, metadata }) => `${kind} ${metadata.name}`)
    .sort()
}

/** `KUBERNETES_PORT 5 services.web.ports[0]` of all losses: code, line and path. */
export function lossesOf({ losses }: Conversion): string[] {
  return losses.map(({ code, range, path }) => `${code} ${range?.start.line ?? '?'} ${path}`)
}
