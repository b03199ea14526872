import { Failure } from '../diagnostics/index.ts'
import { nearest } from '../diagnostics/nearest.ts'
import { type Span, type TemplateSource, templateFailure } from './failure.ts'
import type { TemplateFunctions } from './functions.ts'
import type { Branch, Command, FieldName, Node, Operand, Pipeline } from './nodes.ts'
import type { ParsedTemplate } from './parser.ts'
import { formatValue, isTrue, kindOf, sortedEntries, type Value, valueFailure } from './values.ts'

/** Templates in templates, after which one must be calling itself for ever. */
const DEEPEST = 1000

/** Executes a parsed template with one value as its dot; returns the text. Errors: TEMPLATE_VALUE, with the place. */
export function executeNodes(
  source: TemplateSource,
  template: ParsedTemplate,
  functions: TemplateFunctions,
  data: Value,
): string {
  const executor = new Executor(source, template, functions)
  executor.template(template.nodes, data, 0)
  return executor.text
}

type Outcome = 'on' | 'break' | 'continue'

interface Variable {
  readonly name: string
  value: Value
}

/** Where execution stands: the dot, the variables in sight, and how deep in templates. */
interface Frame {
  readonly dot: Value
  readonly variables: Variable[]
  readonly depth: number
}

class Executor {
  text = ''
  readonly #source: TemplateSource
  readonly #template: ParsedTemplate
  readonly #functions: TemplateFunctions

  constructor(source: TemplateSource, template: ParsedTemplate, functions: TemplateFunctions) {
    this.#source = source
    this.#template = template
    this.#functions = functions
  }

  template(nodes: readonly Node[], data: Value, depth: number): void {
    this.#list(nodes, { dot: data, variables: [{ name: '', value: data }], depth })
  }

  /** Variables that a list declares end with it. */
  #list(nodes: readonly Node[], frame: Frame): Outcome {
    const known = frame.variables.length
    try {
      for (const node of nodes) {
        const outcome = this.#node(node, frame)
        if (outcome !== 'on') return outcome
      }
      return 'on'
    } finally {
      frame.variables.length = known
    }
  }

  #node(node: Node, frame: Frame): Outcome {
    switch (node.kind) {
      case 'text':
        this.text += node.text
        return 'on'
      case 'print': {
        const value = this.#pipeline(node.pipeline, frame)
        // What only sets a variable prints nothing.
        if (node.pipeline.variables.length === 0) this.text += printed(value)
        return 'on'
      }
      case 'if':
      case 'with':
        return this.#condition(node, frame)
      case 'range':
        return this.#range(node, frame)
      case 'template': {
        this.#call(node, frame)
        return 'on'
      }
      default:
        return node.kind
    }
  }

  #condition(node: Branch, frame: Frame): Outcome {
    const known = frame.variables.length
    const value = this.#pipeline(node.pipeline, frame)
    const inner = node.kind === 'with' ? { ...frame, dot: value } : frame
    const outcome = isTrue(value) ? this.#list(node.body, inner) : this.#list(node.otherwise, frame)
    frame.variables.length = known
    return outcome
  }

  #range(node: Branch, frame: Frame): Outcome {
    const known = frame.variables.length
    const { pipeline } = node
    const value = this.#pipeline({ ...pipeline, variables: [] }, frame)
    const entries = this.#placed(pipeline.span, () => entriesOf(value))
    for (const [key, element] of entries) {
      const names = pipeline.variables
      const values = names.length === 2 ? [key, element] : [element]
      for (const [index, name] of names.entries())
        this.#set(name, values[index], pipeline.isAssignment, frame)
      const outcome = this.#list(node.body, { ...frame, dot: element })
      if (!pipeline.isAssignment) frame.variables.length = known
      if (outcome === 'break') break
    }
    const outcome = entries.length === 0 ? this.#list(node.otherwise, frame) : 'on'
    frame.variables.length = known
    return outcome
  }

  #call({ name, span, pipeline }: Extract<Node, { kind: 'template' }>, frame: Frame): void {
    const nodes = this.#template.definitions.get(name)
    const known = [...this.#template.definitions.keys()]
    if (nodes === undefined)
      throw this.#problem(
        span,
        `there is no template "${name}"`,
        `templates are ${known.join(', ') || 'none'}`,
      )
    if (frame.depth >= DEEPEST) throw this.#problem(span, `template "${name}" calls itself without an end`)
    this.template(nodes, pipeline && this.#pipeline(pipeline, frame), frame.depth + 1)
  }

  #set(name: string, value: Value, isAssignment: boolean, { variables }: Frame): void {
    const known = isAssignment ? variables.findLast(each => each.name === name) : undefined
    if (known) known.value = value
    else variables.push({ name, value })
  }

  #pipeline({ commands, variables, isAssignment }: Pipeline, frame: Frame): Value {
    let last: readonly Value[] = []
    for (const command of commands) last = [this.#command(command, last, frame)]
    for (const name of variables) this.#set(name, last[0], isAssignment, frame)
    return last[0]
  }

  /** `before`: the value of the command before it, which is its last argument; or nothing. */
  #command({ operands, span }: Command, before: readonly Value[], frame: Frame): Value {
    const [first, ...others] = operands
    if (first === undefined) return undefined
    const args = (): Value[] => [...others.map(each => this.#operand(each, frame)), ...before]
    if (first.kind !== 'function') return this.#operand(first, frame, args)
    if (before.length === 0 && (first.name === 'and' || first.name === 'or')) {
      const stops = (value: Value): boolean => isTrue(value) === (first.name === 'or')
      return this.#shortCircuit(others, frame, stops, span)
    }
    return this.#apply(first.name, args(), span)
  }

  /** `and` and `or` evaluate no more than they need: `{{and .Health (eq .Health "healthy")}}`. */
  #shortCircuit(
    operands: readonly Operand[],
    frame: Frame,
    stops: (value: Value) => boolean,
    span: Span,
  ): Value {
    if (operands.length === 0) throw this.#problem(span, 'want an argument')
    let value: Value
    for (const operand of operands) {
      value = this.#operand(operand, frame)
      if (stops(value)) break
    }
    return value
  }

  #apply(name: string, args: readonly Value[], span: Span): Value {
    const called = this.#functions[name]
    if (called === undefined) throw this.#problem(span, `there is no function "${name}"`)
    const { least, most } = called
    if (args.length < least || args.length > most) {
      const want = least === most ? `${least}` : `${least} or more`
      throw this.#problem(
        span,
        `${name} wants ${want} argument${want === '1' ? '' : 's'}, got ${args.length}`,
      )
    }
    return this.#placed(span, () => called.call(args), `${name}: `)
  }

  #operand(operand: Operand, frame: Frame, args: () => Value[] = () => []): Value {
    switch (operand.kind) {
      case 'literal':
        return operand.value
      case 'nil':
        return undefined
      case 'function':
        return this.#apply(operand.name, [], operand.span)
      case 'dot':
        return this.#fields(frame.dot, operand.fields, args)
      case 'variable': {
        const { value } = frame.variables.findLast(({ name }) => name === operand.name) ?? {}
        return this.#fields(value, operand.fields, args)
      }
      case 'pipeline':
        return this.#fields(this.#pipeline(operand.pipeline, frame), operand.fields, args)
    }
  }

  /** Arguments are those of the last field. */
  #fields(from: Value, fields: readonly FieldName[], args: () => Value[]): Value {
    return fields.reduce((value, { name, span }, index) => {
      const given = index === fields.length - 1 ? args() : []
      return this.#placed(span, () => fieldOf(value, name, given))
    }, from)
  }

  /** Puts the place on what fails without one. */
  #placed<T>(span: Span, work: () => T, prefix = ''): T {
    try {
      return work()
    } catch (error) {
      const [diagnostic] = error instanceof Failure ? error.diagnostics : []
      if (diagnostic === undefined || diagnostic.range !== undefined) throw error
      throw this.#problem(span, `${prefix}${diagnostic.summary}`, diagnostic.hint)
    }
  }

  #problem(span: Span, summary: string, hint?: string): Error {
    return templateFailure(this.#source, span, 'TEMPLATE_VALUE', { summary, hint })
  }
}

const printed = (value: Value): string => (kindOf(value) === 'nothing' ? '<no value>' : formatValue(value))

function fieldOf(value: Value, name: string, args: readonly Value[]): Value {
  const kind = kindOf(value)
  if (kind === 'nothing') throw valueFailure(`there is no value that could have a field ${name}`)
  const field = value instanceof Map ? value.get(name) : recordField(value, kind, name)
  if (typeof field === 'function') return field(...args)
  if (args.length > 0) throw valueFailure(`${name} takes no arguments: it is no function`)
  return field
}

function recordField(value: Value, kind: string, name: string): Value {
  if (kind === 'record' && Object.hasOwn(value as object, name)) return (value as Record<string, Value>)[name]
  if (kind !== 'record')
    throw valueFailure(
      `${kind} has no field ${name}`,
      kind === 'list' ? 'go through a list with {{range}}, or take one with index' : undefined,
    )
  const names = Object.keys(value as object)
  const near = nearest(name, names)
  throw valueFailure(
    `there is no field ${name}`,
    `${near === undefined ? '' : `did you mean ${near}? `}fields are ${names.join(', ')}`,
  )
}

/** What `range` goes through: a list, a map by its keys, or a number's worth of numbers. */
function entriesOf(value: Value): readonly (readonly [Value, Value])[] {
  if (kindOf(value) === 'nothing') return []
  if (Array.isArray(value)) return value.map((each, index) => [index, each])
  if (value instanceof Map) return sortedEntries(value)
  if (Number.isInteger(value))
    return Array.from({ length: Math.max(0, Number(value)) }, (_, index) => [index, index])
  throw valueFailure(`range cannot go through ${kindOf(value)}`)
}
