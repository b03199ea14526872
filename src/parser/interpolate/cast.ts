import { PROJECT } from '../../model/attributes/project.ts'
import type { Shape } from '../../model/attributes/shape.ts'
import { type Cursor, compileRules, type RuleTable } from '../tree/pattern.ts'
import { resolveNumber } from '../yaml/scalar.ts'

/** Types that a text is cast to after interpolation. */
export type Cast = 'boolean' | 'integer' | 'float'

/**
 * The value that a text spells; undefined when it spells none of that type.
 * `yes`, `on`, `no` and `off` are strings to YAML but booleans on boolean attributes.
 */
export function castText(text: string, to: Cast): boolean | number | bigint | undefined {
  switch (to) {
    case 'boolean':
      return castBoolean(text)
    case 'integer':
      return castInteger(text)
    case 'float':
      return /^[-+]?(?:[0-9]+\.?[0-9]*|\.[0-9]+)(?:[eE][-+]?[0-9]+)?$/.test(text) &&
        Number.isFinite(Number(text))
        ? Number(text)
        : undefined
  }
}

function castInteger(text: string): number | bigint | undefined {
  if (!/^[-+]?[0-9]+$/.test(text)) return undefined
  const value = resolveNumber(text.replace(/^([-+]?)0+(?=[0-9])/, '$1'))
  return value !== undefined && value >= -(2n ** 63n) && value < 2n ** 63n ? value : undefined
}

function castBoolean(text: string): boolean | undefined {
  const lower = text.toLowerCase()
  if (['true', 'y', 'yes', 'on'].includes(lower)) return true
  return ['false', 'n', 'no', 'off'].includes(lower) ? false : undefined
}

/** Numbers and booleans that Docker Compose does not cast: what is wrong there is found when the model is made. */
const NOT_CAST: ReadonlySet<string> = new Set([
  'models.*.context_size',
  'services.*.deploy.resources.limits.cpus',
  'services.*.deploy.resources.reservations.cpus',
  'services.*.deploy.resources.reservations.generic_resources.[].discrete_resource_spec.value',
  'services.*.develop.watch.[].exec.privileged',
])

/** Paths whose text is cast, https://github.com/compose-spec/compose-spec/blob/main/12-interpolation.md */
export const CASTS: Cursor<Cast> = compileRules<Cast>(
  castsIn(PROJECT, '').filter(([pattern]) => !NOT_CAST.has(pattern)),
)

function castsIn(shape: Shape, pattern: string): RuleTable<Cast> {
  const below = (name: string): string => (pattern === '' ? name : `${pattern}.${name}`)
  switch (shape.type) {
    case 'flag':
      return [[pattern, 'boolean']]
    case 'integer':
    case 'float':
      return [[pattern, shape.type]]
    case 'ulimit':
      return [pattern, below('hard'), below('soft')].map(each => [each, 'integer'] as const)
    case 'list':
      return castsIn(shape.of, below('[]'))
    case 'record':
      return castsIn(shape.of, below('*'))
    case 'struct':
      return shape.fields.flatMap(field => castsIn(field.shape, below(field.name)))
    default:
      return []
  }
}
