import { failure } from '../../diagnostics/index.ts'
import type { Container } from './container.ts'

/** All containers by id and name. Names are reserved before a record exists, so that two creates cannot share one. */
export class ContainerTable {
  readonly #byId = new Map<string, Container>()
  readonly #idByName = new Map<string, string>()

  values(): IterableIterator<Container> {
    return this.#byId.values()
  }

  get size(): number {
    return this.#byId.size
  }

  isNameTaken(name: string): boolean {
    return this.#idByName.has(name)
  }

  /** Takes `name` for `id`; NAME_IN_USE when another container has it. */
  reserveName(name: string, id: string): void {
    const holder = this.#idByName.get(name)
    if (holder !== undefined && holder !== id) {
      throw failure({
        code: 'NAME_IN_USE',
        kind: 'conflict',
        summary: `The container name "/${name}" is already in use by container "${holder}"`,
        facts: { name, holder },
        hint: 'remove or rename that container to use the name again',
      })
    }
    this.#idByName.set(name, id)
  }

  releaseName(name: string, id: string): void {
    if (this.#idByName.get(name) === id) this.#idByName.delete(name)
  }

  add(container: Container): void {
    this.reserveName(container.name, container.id)
    this.#byId.set(container.id, container)
  }

  delete(container: Container): void {
    this.#byId.delete(container.id)
    for (const [name, id] of this.#idByName) if (id === container.id) this.#idByName.delete(name)
  }

  find(id: string): Container | undefined {
    return this.#byId.get(id)
  }

  /** By its name now. */
  named(name: string): Container | undefined {
    return this.#byId.get(this.#idByName.get(name.replace(/^\//, '')) ?? '')
  }

  /**
   * By id, name or unambiguous prefix of an id, in this order; CONTAINER_NOT_FOUND, CONTAINER_AMBIGUOUS. `rule`: what it is
   * looked for, where that is told.
   */
  resolve(reference: string, rule?: 'joined' | 'linked'): Container {
    const name = reference.replace(/^\//, '')
    const exact = this.#byId.get(name) ?? this.#byId.get(this.#idByName.get(name) ?? '')
    if (exact !== undefined) return exact
    const matches = /^[0-9a-f]+$/.test(name) ? [...this.#byId.keys()].filter(id => id.startsWith(name)) : []
    const only = matches.length === 1 ? this.#byId.get(matches[0] ?? '') : undefined
    if (only !== undefined) return only
    if (matches.length > 1) {
      throw failure({
        code: 'CONTAINER_AMBIGUOUS',
        kind: 'invalidArgument',
        summary: `container id prefix "${name}" fits ${matches.length} containers`,
      })
    }
    throw failure({
      code: 'CONTAINER_NOT_FOUND',
      kind: 'notFound',
      summary: `No such container: ${reference}`,
      ...(rule === undefined ? {} : { facts: { rule, reference } }),
    })
  }
}
