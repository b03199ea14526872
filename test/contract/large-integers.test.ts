// A number beyond 53 bits would reach the engine as another one: it is refused wherever a whole number may stand.
import { describe, expect, test } from 'vitest'
import { attributesOf } from '../../src/model/attributes/index.ts'
import { PROJECT } from '../../src/model/attributes/project.ts'
import type { Shape } from '../../src/model/attributes/shape.ts'
import { load } from '../../src/parser/index.ts'

const WHOLE: readonly Shape['type'][] = ['integer', 'count', 'permissions', 'ulimit']
/** Just beyond what is exact, the largest of 64 bits, and one that YAML reads as a float; as numbers and as texts. */
const NUMBERS = ['9007199254740993', '9223372036854775807', '99999999999999999999']

/** What must stand beside an attribute for the schema to look at it, by the attribute. */
const BESIDE: Readonly<Record<string, string>> = {
  'services.*.deploy.resources.reservations.devices.count': '"capabilities": ["gpu"], ',
  'services.*.volumes.tmpfs': '"type": "tmpfs", "target": "/t", ',
}

/** The innermost shape of what may be many. */
function inner(shape: Shape): Shape {
  return shape.type === 'list' || shape.type === 'record' ? inner(shape.of) : shape
}

/** Models have no effect, and are not read. */
const places = attributesOf(PROJECT).filter(
  ({ field, path }) => WHOLE.includes(inner(field.shape).type) && path[0] !== 'models',
)

/** A file with the number at one place, as text: JSON of JavaScript has no such numbers. */
function fileWith(path: readonly string[], number: string): string {
  const wrap = (shape: Shape, value: string): string => {
    if (shape.type === 'list') return `[${wrap(shape.of, value)}]`
    return shape.type === 'record' ? `{"some": ${wrap(shape.of, value)}}` : value
  }
  const shapes = path.map((_, index) => {
    const here = path.slice(0, index + 1).join('.')
    return attributesOf(PROJECT).find(attribute => attribute.path.join('.') === here)?.field.shape
  })
  return path.reduceRight((value, key, index) => {
    const shape = shapes[index]
    // A record's name of the user's own is in its path; the record itself is its last part's only where it ends there.
    const isLast = index === path.length - 1
    const lists = shape?.type === 'list' || (isLast && shape !== undefined)
    const beside = BESIDE[path.slice(0, index + 1).join('.')] ?? ''
    return `{${beside}"${key === '*' ? 'some' : key}": ${lists && shape ? wrap(shape, value) : value}}`
  }, number)
}

describe.each(NUMBERS.flatMap(number => [number, `"${number}"`]))('%s', number => {
  test.each(places.map(({ path }) => path.join('.')))('%s', place => {
    const errors = (text: string): string[] =>
      load({ files: [{ name: '/p/c.yaml', text }], workingDir: '/p', env: {} })
        .diagnostics.filter(({ severity }) => severity === 'error')
        .map(({ code, path }) => `${code} ${path}`)
    // What else the place needs is missing from both.
    const missing = errors(fileWith(place.split('.'), '7'))
    const told = errors(fileWith(place.split('.'), number)).filter(error => !missing.includes(error))
    expect(told).not.toEqual([])
  })
})
