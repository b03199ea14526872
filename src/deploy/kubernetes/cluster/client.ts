import { failure } from '../../../diagnostics/index.ts'
import { type Call, type Connection, told } from './connection.ts'
import { Discovery, type Resource } from './discovery.ts'
import { Refusal } from './failure.ts'
import { isLoose } from './kubeconfig.ts'
import { linesOf } from './lines.ts'
import type { ClusterObject, ObjectRef } from './object.ts'

/** By which name an API server knows what we have set. */
export const FIELD_MANAGER = 'tscompose'

/** Objects of a list that come at once. */
const PAGE = 500

/** A kind, by its version. */
export interface KindRef {
  readonly apiVersion: string
  readonly kind: string
}

export interface ListOptions {
  readonly namespace?: string | undefined
  /** `app=web,tier=front` */
  readonly selector?: string | undefined
  readonly fields?: string
}

/** Objects, and the version of the whole, from which changes can be followed. */
export interface ObjectList {
  readonly items: readonly ClusterObject[]
  readonly version: string
}

export interface ApplyOptions {
  /** Take fields that others have. */
  readonly force?: boolean
  /** Have the server say what would come of it. */
  readonly dryRun?: boolean
}

export interface LogOptions {
  readonly container: string
  readonly follow?: boolean
  readonly tail?: number | undefined
  /** Unix seconds. */
  readonly since?: number | undefined
  /** Of the run before. */
  readonly previous?: boolean
  readonly signal?: AbortSignal
}

/** What we ask API servers for. Its methods raise Refusal with the server's words; a Failure where nobody answers. */
export class ClusterClient {
  readonly connection: Connection
  readonly #discovery: Discovery

  constructor(connection: Connection) {
    this.connection = connection
    this.#discovery = new Discovery(connection)
  }

  /** Whether the cluster has objects of a kind. */
  async knows({ apiVersion, kind }: KindRef): Promise<boolean> {
    return (await this.#discovery.resourceOf(apiVersion, kind)) !== undefined
  }

  /** Undefined where it is not there. */
  async get(ref: ObjectRef): Promise<ClusterObject | undefined> {
    return orNothing(async () => object((await this.#ask({ path: await this.#pathOf(ref) })).content))
  }

  /** All of them, page by page; from the start, and whole, where the server has forgotten what a page goes on with. */
  async list(kind: KindRef, options: ListOptions = {}): Promise<ObjectList> {
    const path = await this.collectionOf(kind, options.namespace)
    const query = { labelSelector: options.selector, fieldSelector: options.fields }
    const items: ClusterObject[] = []
    for (let from: string | undefined, limit: number | undefined = PAGE; ; ) {
      const page = await this.#page({ path, query: { ...query, limit, continue: from } })
      if (page === 'forgotten') {
        items.length = 0
        ;[from, limit] = [undefined, undefined]
        continue
      }
      for (const item of page.items) items.push({ ...item, apiVersion: kind.apiVersion, kind: kind.kind })
      if (page.next === '') return { items, version: page.version }
      from = page.next
    }
  }

  /** Server-side apply: we have what is in the object, and have no longer what we had and is not. 'created': it was not there. */
  async apply(
    wanted: ObjectRef,
    { force = false, dryRun = false }: ApplyOptions = {},
  ): Promise<{ readonly object: ClusterObject; readonly isNew: boolean }> {
    const query = { fieldManager: FIELD_MANAGER, force, dryRun: dryRun ? 'All' : undefined }
    const { status, content } = await this.connection.ask({
      method: 'PATCH',
      path: await this.#pathOf(wanted),
      query,
      // All JSON is YAML.
      body: { type: 'application/apply-patch+yaml', text: JSON.stringify(wanted) },
    })
    return { object: object(content), isNew: status === 201 }
  }

  /** Begins its removal; true where it was there. Of what it has made, pods for instance, all goes before it (`foreground`), or after. */
  async remove(
    ref: ObjectRef & { readonly metadata: { readonly uid?: string } },
    foreground = false,
  ): Promise<boolean> {
    const { uid } = ref.metadata
    const text = JSON.stringify({
      apiVersion: 'v1',
      kind: 'DeleteOptions',
      propagationPolicy: foreground ? 'Foreground' : 'Background',
      // Another one that has come in its place meanwhile stays.
      ...(uid === undefined ? {} : { preconditions: { uid } }),
    })
    const call: Call = {
      method: 'DELETE',
      path: await this.#pathOf(ref),
      body: { type: 'application/json', text },
    }
    return (await orNothing(() => this.connection.ask(call))) !== undefined
  }

  /** Lines of a container, each with the moment at which it was written. */
  async *log(
    pod: ObjectRef,
    { container, follow, tail, since, previous, signal }: LogOptions,
  ): AsyncGenerator<string> {
    const sinceTime = since === undefined ? undefined : new Date(since * 1000).toISOString()
    const query = { container, follow, previous, timestamps: true, tailLines: tail, sinceTime }
    const path = `${await this.#pathOf(pod)}/log`
    // A connection that breaks is begun anew by whoever reads, who knows how far it came.
    const answer = await this.connection.open({ path, query, accept: '*/*', isFollowed: true, signal })
    yield* linesOf(answer.body)
  }

  /** The path of all objects of a kind, of one namespace or of all. Errors: KUBERNETES_KIND. */
  async collectionOf(kind: KindRef, namespace: string | undefined): Promise<string> {
    const { apiVersion, plural, isNamespaced } = await this.#resourceOf(kind)
    const root = apiVersion.includes('/') ? `/apis/${apiVersion}` : `/api/${apiVersion}`
    const within =
      isNamespaced && namespace !== undefined ? `/namespaces/${encodeURIComponent(namespace)}` : ''
    return `${root}${within}/${plural}`
  }

  async #pathOf(ref: ObjectRef): Promise<string> {
    const { name, namespace } = ref.metadata
    return `${await this.collectionOf(ref, namespace)}/${encodeURIComponent(name)}`
  }

  async #resourceOf({ apiVersion, kind }: KindRef): Promise<Resource> {
    const found = await told('asking for what the cluster has', this.#discovery.resourceOf(apiVersion, kind))
    if (found !== undefined) return found
    throw failure({
      code: 'KUBERNETES_KIND',
      kind: 'notFound',
      summary: `the cluster has no ${kind} of ${apiVersion}`,
      hint: apiVersion.startsWith('gateway.')
        ? 'install the Gateway API there, or say --publish ingress'
        : 'it may be older than 1.22',
    })
  }

  async #page(call: Call): Promise<Page | 'forgotten'> {
    const answer = await this.#ask(call).catch((error: unknown) => {
      if (error instanceof Refusal && error.status.code === 410 && call.query?.['continue'] !== undefined)
        return 'forgotten' as const
      throw error
    })
    if (answer === 'forgotten') return answer
    const content = isLoose(answer.content) ? answer.content : {}
    const metadata = isLoose(content['metadata']) ? content['metadata'] : {}
    return {
      items: Array.isArray(content['items']) ? (content['items'] as ClusterObject[]) : [],
      version: String(metadata['resourceVersion'] ?? ''),
      next: String(metadata['continue'] ?? ''),
    }
  }

  #ask(call: Call): ReturnType<Connection['ask']> {
    return this.connection.ask(call)
  }
}

interface Page extends ObjectList {
  /** With what the next page is asked for; empty for the last. */
  readonly next: string
}

/** Undefined where what was asked for is not there. */
async function orNothing<T>(work: () => Promise<T>): Promise<T | undefined> {
  try {
    return await work()
  } catch (error) {
    if (error instanceof Refusal && error.status.code === 404) return undefined
    throw error
  }
}

/** An answer that is an object. */
function object(content: unknown): ClusterObject {
  if (isLoose(content) && isLoose(content['metadata'])) return content as unknown as ClusterObject
  throw failure({
    code: 'KUBERNETES_UNREACHABLE',
    kind: 'unavailable',
    summary: 'what answers is no API server of Kubernetes',
    hint: 'see what the server of the context leads to',
  })
}
