import { PROJECT } from '../../model/attributes/project.ts'
import type { Shape } from '../../model/attributes/shape.ts'
import { resolveNumber } from '../../notation/yaml/scalar.ts'
import { type Cursor, compileRules, type RuleTable } from '../tree/pattern.ts'

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
export const CASTS: Cursor<Cast> = compileRules<Cast>(allCasts())

function allCasts(): RuleTable<Cast> {
  const found: [string, Cast][] = []
  for (const { name, shape } of PROJECT.fields) collectCasts(shape, name, found)
  return found
}

function collectCasts(shape: Shape, pattern: string, found: [string, Cast][]): void {
  switch (shape.type) {
    case 'flag':
      if (!NOT_CAST.has(pattern)) found.push([pattern, 'boolean'])
      break
    case 'integer':
    case 'float':
      if (!NOT_CAST.has(pattern)) found.push([pattern, shape.type])
      break
    case 'ulimit':
      found.push([pattern, 'integer'], [`${pattern}.hard`, 'integer'], [`${pattern}.soft`, 'integer'])
      break
    case 'list':
      collectCasts(shape.of, `${pattern}.[]`, found)
      break
    case 'record':
      collectCasts(shape.of, `${pattern}.*`, found)
      break
    case 'struct':
      for (const field of shape.fields) collectCasts(field.shape, `${pattern}.${field.name}`, found)
      break
    default:
  }
}
