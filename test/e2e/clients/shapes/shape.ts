/** Fields by their paths, and what each has been seen to be: `null`, `""`, `text`, `number`, `flag`, `[]`, `{}`. */
export type Shape = Map<string, Set<string>>

/** Maps whose keys are names that somebody chose. */
const NAMED =
  /(?<=(?:^|\.)(?:Labels|Networks|Ports|PortBindings|Options|Annotations|Sysctls|Tmpfs|ExposedPorts|Volumes|Runtimes|status|networks|stats|Config|AuxiliaryAddresses)\.)(?![A-Z][a-z])[^[]+?(?=$|\[|\.[A-Z])/

/** Adds what is in an answer: keys joined by dots, items of lists as `[]`, names as `*`. */
export function addShape(shape: Shape, value: unknown, path = ''): void {
  if (Array.isArray(value)) {
    if (value.length === 0) add(shape, path, '[]')
    for (const item of value) addShape(shape, item, `${path}[]`)
    return
  }
  if (typeof value !== 'object' || value === null) {
    add(shape, path, kindOf(value))
    return
  }
  const entries = Object.entries(value)
  if (entries.length === 0) add(shape, path, '{}')
  for (const [key, entry] of entries) {
    const name = /^[0-9a-f]{64}$/.test(key) ? '*' : key
    addShape(shape, entry, path === '' ? name : `${path}.${name}`)
  }
}

function add(shape: Shape, path: string, kind: string): void {
  const known = path.replace(NAMED, '*')
  shape.set(known, (shape.get(known) ?? new Set()).add(kind))
}

function kindOf(value: unknown): string {
  if (value === null) return 'null'
  if (typeof value === 'boolean') return 'flag'
  if (typeof value === 'number') return 'number'
  return value === '' ? '""' : 'text'
}

/** Shapes by the kind of answer: all containers' are one. */
export function shapesOf(answers: ReadonlyMap<string, unknown>): Map<string, Shape> {
  const shapes = new Map<string, Shape>()
  for (const [name, answer] of answers) {
    const group = name.replace(/^[a-z-]+: /, 'container ')
    const shape: Shape = shapes.get(group) ?? new Map()
    shapes.set(group, shape)
    addShape(shape, answer)
  }
  return shapes
}

/** As a table: a line for each kind of answer, then one for each field. */
export function renderShapes(shapes: ReadonlyMap<string, Shape>): string {
  return [...shapes]
    .map(([group, shape]) =>
      [group, ...[...shape].map(([path, kinds]) => `  ${path} ${[...kinds].sort().join('|')}`).sort()].join(
        '\n',
      ),
    )
    .join('\n')
}

/** Reads such a table. */
export function parseShapes(text: string): Map<string, Shape> {
  const shapes = new Map<string, Shape>()
  let shape: Shape = new Map()
  for (const line of text.split('\n').filter(Boolean)) {
    const [, path = '', kinds] = /^ {2}(.*) (\S+)$/.exec(line) ?? []
    if (kinds === undefined) {
      shape = new Map()
      shapes.set(line, shape)
    } else shape.set(path, new Set(kinds.split('|')))
  }
  return shapes
}

/** One line for each field that is missing, extra, or something that it never is. */
export function differences(want: Shape, got: Shape): string[] {
  const missing = [...want.keys()].filter(path => !got.has(path)).map(path => `${path}: missing`)
  const others = [...got].flatMap(([path, kinds]) => {
    const known = want.get(path)
    if (known === undefined) return [`${path}: extra`]
    const never = [...kinds].filter(kind => !known.has(kind))
    return never.length === 0 ? [] : [`${path}: ${never.join('|')}, want ${[...known].join('|')}`]
  })
  return [...missing, ...others]
}
