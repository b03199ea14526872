import type { VariableOrigin } from '../../model/index.ts'
import { evaluate, type Placeholder, placeholdersOf, TemplateError } from '../interpolate/template.ts'
import type { VariableSource } from '../lineage.ts'
import type { Lookup } from '../scope.ts'

/** A variable's own origin, before a template makes something of it. */
export type Found = Pick<VariableOrigin, 'value' | 'source' | 'range'>

/** Finds where variables have their values from: sources in the order in which they win. */
export class VariableOrigins {
  readonly #sources: readonly VariableSource[]
  readonly #inheritedName: string | undefined
  /** What a dotenv file of a service may refer to besides; asked last. */
  readonly #last: (name: string) => Found | undefined

  constructor(
    sources: readonly VariableSource[],
    inheritedName: string | undefined,
    last: (name: string) => Found | undefined = () => undefined,
  ) {
    this.#sources = sources
    this.#inheritedName = inheritedName
    this.#last = last
  }

  /** A variable whose value is taken as it is. */
  plain(name: string): VariableOrigin {
    const found = this.#find(name)
    return { name, ...found, used: found.value === undefined ? 'blank' : 'value' }
  }

  /** The variables that a template uses, each once, in order; those in operands that are not used are left out. */
  of(template: string): VariableOrigin[] {
    if (!template.includes('$')) return []
    const used = new Set<string>()
    try {
      evaluate(template, { lookup: this.#lookup, onUsed: name => used.add(name) })
      const origins = new Map<string, VariableOrigin>()
      for (const placeholder of placeholdersOf(template))
        if (used.has(placeholder.name) && !origins.has(placeholder.name))
          origins.set(placeholder.name, this.#placed(placeholder))
      return [...origins.values()]
    } catch (error) {
      // The text was taken as it is: it is a template neither here nor to the loader.
      if (error instanceof TemplateError) return []
      throw error
    }
  }

  readonly #lookup: Lookup = name => this.#find(name).value

  #placed({ name, operator, operand = '' }: Placeholder): VariableOrigin {
    const found = this.#find(name)
    const isSet = found.value !== undefined && !(operator?.startsWith(':') && found.value === '')
    const text = (): string => evaluate(operand, { lookup: this.#lookup })
    if (operator?.endsWith('-') && !isSet) return { name, ...found, used: 'default', text: text() }
    if (operator?.endsWith('+') && isSet) return { name, ...found, used: 'alternate', text: text() }
    return { name, ...found, used: found.value === undefined ? 'blank' : 'value' }
  }

  #find(name: string): Found {
    for (const { lookup, placeOf } of this.#sources) {
      const value = lookup(name)
      if (value === undefined) continue
      if (name === 'COMPOSE_PROJECT_NAME' && value !== this.#inheritedName)
        return { value, source: 'project-name' }
      const range = placeOf(name)
      return range ? { value, source: 'file', range } : { value, source: 'environment' }
    }
    return this.#last(name) ?? { source: 'unset' }
  }
}
