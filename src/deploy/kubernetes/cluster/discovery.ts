import type { Connection } from './connection.ts'
import { Refusal } from './failure.ts'
import { isLoose } from './kubeconfig.ts'

/** Where objects of a kind are. */
export interface Resource {
  readonly apiVersion: string
  readonly kind: string
  /** As it is in paths: `deployments`. */
  readonly plural: string
  readonly isNamespaced: boolean
}

/** All kinds in two answers, which servers have from 1.26 on; others answer the same request as they always did. */
const AGGREGATED = ['v2', 'v2beta1']
  .map(version => `application/json;g=apidiscovery.k8s.io;v=${version};as=APIGroupDiscoveryList`)
  .concat('application/json')
  .join(',')

type Found = Map<string, Resource>
type Loose = Readonly<Record<string, unknown>>

/** What kinds an API server has; asked when somebody first wants to know. */
export class Discovery {
  readonly #connection: Connection
  readonly #found: Found = new Map()
  /** Groups and versions that were asked for, or came by themselves. */
  readonly #asked = new Map<string, Promise<void>>()

  constructor(connection: Connection) {
    this.#connection = connection
  }

  /** Undefined where the cluster has no such kind. */
  async resourceOf(apiVersion: string, kind: string): Promise<Resource | undefined> {
    const root = apiVersion.includes('/') ? '/apis' : '/api'
    await this.#once(root, () => this.#readRoot(root))
    const key = `${apiVersion} ${kind}`
    // Of a server of former times, one answer for each group: those alone that are needed.
    if (!this.#found.has(key) && !this.#asked.has(apiVersion))
      await this.#once(apiVersion, () => this.#readGroup(`${root}/${apiVersion}`, apiVersion))
    else await this.#asked.get(apiVersion)
    return this.#found.get(key)
  }

  #once(key: string, work: () => Promise<void>): Promise<void> {
    const begun = this.#asked.get(key) ?? work()
    this.#asked.set(key, begun)
    return begun
  }

  async #readRoot(path: string): Promise<void> {
    const { content } = await this.#connection.ask({ path, accept: AGGREGATED })
    if (!isLoose(content) || content['kind'] !== 'APIGroupDiscoveryList') return
    for (const group of listOf(content, 'items')) {
      const name = isLoose(group['metadata']) ? String(group['metadata']['name'] ?? '') : ''
      for (const version of listOf(group, 'versions')) {
        const apiVersion = name === '' ? String(version['version']) : `${name}/${String(version['version'])}`
        // A group that an API service of its own has, and does not answer just now.
        if (version['freshness'] === 'Stale') continue
        this.#asked.set(apiVersion, Promise.resolve())
        for (const each of listOf(version, 'resources')) this.#add(apiVersion, fromAggregated(each))
      }
    }
  }

  async #readGroup(path: string, apiVersion: string): Promise<void> {
    const answer = await this.#connection.ask({ path }).catch((error: unknown) => {
      if (error instanceof Refusal && error.status.code === 404) return undefined
      throw error
    })
    const content = answer?.content
    if (!isLoose(content)) return
    // A name with a slash is of a part of an object: `deployments/scale`.
    for (const each of listOf(content, 'resources'))
      if (!String(each['name']).includes('/'))
        this.#add(apiVersion, {
          kind: String(each['kind']),
          plural: String(each['name']),
          isNamespaced: each['namespaced'] === true,
        })
  }

  #add(apiVersion: string, resource: Omit<Resource, 'apiVersion'>): void {
    this.#found.set(`${apiVersion} ${resource.kind}`, { apiVersion, ...resource })
  }
}

function fromAggregated(resource: Loose): Omit<Resource, 'apiVersion'> {
  const { responseKind } = resource
  return {
    kind: isLoose(responseKind) ? String(responseKind['kind']) : '',
    plural: String(resource['resource']),
    isNamespaced: resource['scope'] === 'Namespaced',
  }
}

function listOf(content: Loose, key: string): Loose[] {
  const { [key]: list } = content
  return Array.isArray(list) ? list.filter(isLoose) : []
}
