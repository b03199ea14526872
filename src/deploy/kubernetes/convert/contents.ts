import { createHash } from 'node:crypto'
import type { Config, Path, Secret } from '../../../model/index.ts'
import type { ConfigMap, SecretObject } from '../objects/objects.ts'
import { type Context, compact, metadata } from './context.ts'
import { dataKey, nameFor, namesFor } from './names.ts'

/** Most bytes that an object of a cluster holds of contents; the rest of its 1 MiB is for what else is in it. */
const MOST_BYTES = 1_000_000

/** Where contents are in the cluster. */
export interface Content {
  readonly kind: 'configMap' | 'secret'
  /** Name of the object. */
  readonly object: string
  /** The file's key in it: absent for a folder, whose files are `items`. */
  readonly key?: string
  readonly items?: readonly { readonly key: string; readonly path: string }[]
  /** Of what is no secret: pods whose contents change are to be made anew. */
  readonly digest?: string
}

/** Files of a project as ConfigMaps and Secrets, each made once, when a service first mounts it. */
export class Contents {
  readonly #context: Context
  readonly #names: ReadonlyMap<string, string>
  readonly #known = new Map<string, Content | undefined>()
  readonly #configMaps: ConfigMap[] = []
  readonly #secrets: SecretObject[] = []

  constructor(context: Context) {
    this.#context = context
    const { configs = {}, secrets = {} } = context.project.model
    this.#names = namesFor([...Object.values(configs), ...Object.values(secrets)].map(({ name }) => name))
  }

  get configMaps(): readonly ConfigMap[] {
    return this.#configMaps
  }

  get secrets(): readonly SecretObject[] {
    return this.#secrets
  }

  /** A config of the project; undefined, and told, where its content is not to be had. */
  config(name: string): Content | undefined {
    const { [name]: config } = this.#context.project.model.configs ?? {}
    if (config === undefined) return undefined
    return this.#once(`config ${name}`, () => {
      const object = this.#names.get(config.name) ?? config.name
      const path = ['configs', name]
      if (config.external === true) return this.#external('configMap', object, config, path)
      const bytes = this.#bytesOf(config, path)
      return bytes && this.#configMap(object, new Map([[config.file ?? name, bytes]]), name)
    })
  }

  /** The same of a secret: its bytes go nowhere but into its object. */
  secret(name: string): Content | undefined {
    const { [name]: secret } = this.#context.project.model.secrets ?? {}
    if (secret === undefined) return undefined
    return this.#once(`secret ${name}`, () => {
      const object = this.#names.get(secret.name) ?? secret.name
      const path = ['secrets', name]
      if (secret.external === true) return this.#external('secret', object, secret, path)
      const bytes = this.#bytesOf(secret, path)
      if (bytes === undefined) return undefined
      const key = dataKey(name)
      const data = { [key]: Buffer.from(bytes).toString('base64') }
      const about = metadata(this.#context, object)
      this.#secrets.push({ apiVersion: 'v1', kind: 'Secret', metadata: about, type: 'Opaque', data })
      return { kind: 'secret', object, key }
    })
  }

  /** Files of this machine that a service mounts, as a ConfigMap of their own; `single`: it is one file and no folder. */
  files(wanted: string, source: string, files: ReadonlyMap<string, Uint8Array>, single: boolean): Content {
    const made = this.#once(`files ${source}`, () => {
      const taken = new Set([
        ...this.#names.values(),
        ...this.#configMaps.map(({ metadata: { name } }) => name),
      ])
      const object = taken.has(nameFor(wanted)) ? nameFor(`${wanted} ${source}`) : nameFor(wanted)
      return this.#configMap(object, files, single ? [...files.keys()][0] : undefined)
    })
    return made ?? { kind: 'configMap', object: nameFor(wanted) }
  }

  #once(key: string, make: () => Content | undefined): Content | undefined {
    if (!this.#known.has(key)) this.#known.set(key, make())
    return this.#known.get(key)
  }

  #external(kind: Content['kind'], object: string, { name }: Config | Secret, path: Path): Content {
    const what = kind === 'secret' ? 'Secret' : 'ConfigMap'
    this.#context.notes.choose(
      path,
      `${what} ${object}`,
      `it must be there, with its content under the key ${dataKey(name)}`,
    )
    return { kind, object, key: dataKey(name) }
  }

  #bytesOf({ file, content }: Config | Secret, path: Path): Uint8Array | undefined {
    const found = file === undefined ? undefined : this.#context.read(file)
    const bytes =
      found?.kind === 'file' ? found.bytes : content === undefined ? undefined : Buffer.from(content)
    if (bytes !== undefined && bytes.length <= MOST_BYTES) return bytes
    const isLarge = bytes !== undefined || found?.kind === 'large'
    this.#context.notes.warn(
      'KUBERNETES_CONTENT',
      path,
      isLarge
        ? 'it is larger than an object of Kubernetes holds (1 MiB), and left out'
        : 'its content is not to be had here, and it is left out',
      isLarge ? 'put it into the image, or on a volume' : undefined,
    )
    return undefined
  }

  #configMap(object: string, files: ReadonlyMap<string, Uint8Array>, single: string | undefined): Content {
    const items = [...files].map(([path, bytes]) => ({ key: dataKey(single ?? path), path, bytes }))
    const texts = items.flatMap(({ key, bytes }) => {
      const text = textOf(bytes)
      return text === undefined ? [] : [[key, text] as const]
    })
    const binaries = items
      .filter(({ bytes }) => textOf(bytes) === undefined)
      .map(({ key, bytes }) => [key, Buffer.from(bytes).toString('base64')] as const)
    this.#configMaps.push({
      apiVersion: 'v1',
      kind: 'ConfigMap',
      metadata: metadata(this.#context, object),
      ...compact({ data: Object.fromEntries(texts), binaryData: Object.fromEntries(binaries) }),
    })
    const digest = createHash('sha256')
    for (const { path, bytes } of items) digest.update(`${path} ${bytes.length} `).update(bytes)
    return {
      kind: 'configMap',
      object,
      digest: digest.digest('hex').slice(0, 16),
      ...(single === undefined
        ? { items: items.map(({ key, path }) => ({ key, path })) }
        : { key: dataKey(single) }),
    }
  }
}

/** What can stand in `data`: UTF-8 without control characters that YAML has no place for. */
function textOf(bytes: Uint8Array): string | undefined {
  try {
    const text = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(bytes)
    return /[\u0000-\u0008\u000b\u000c\u000e-\u001f\u007f\ufeff\ufffe\uffff]/.test(text) ? undefined : text
  } catch (error) {
    if (error instanceof TypeError) return undefined
    throw error
  }
}
