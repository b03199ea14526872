import { type BuildInput, refusal, warnOf } from './attribute.ts'

/** Attributes without which a build gives another image or none, and that Docker's own builder behind this API lacks. */
const REFUSED_ELSEWHERE = ['additional_contexts', 'ssh'] as const

/** Attributes that builder leaves out; what it makes is the same image. */
const LEFT_OUT_ELSEWHERE = [
  'no_cache_filter',
  'entitlements',
  'privileged',
  'platforms',
  'secrets',
  'cache_to',
  'provenance',
  'sbom',
] as const

/** Says each attribute of `build` that has no effect. Raises BUILD_NEEDS_BUILDKIT where the image would be another one. */
export function tellNotApplied(input: BuildInput): void {
  const { build } = input.operation
  const elsewhere = input.options.foreignEngine === true
  if (elsewhere && input.operation.check === true)
    throw refusal(input, {
      code: 'BUILD_NEEDS_BUILDKIT',
      at: [],
      summary: 'the builder of the engine that DOCKER_HOST names cannot check a Dockerfile without a build',
      hint: 'check it by the own engine (without DOCKER_HOST)',
    })
  if (elsewhere)
    for (const attribute of REFUSED_ELSEWHERE)
      if (build[attribute] !== undefined)
        throw refusal(input, {
          code: 'BUILD_NEEDS_BUILDKIT',
          at: [attribute],
          summary: `"build.${attribute}" cannot be had from the builder of the engine that DOCKER_HOST names`,
          hint: 'build it by the own engine (without DOCKER_HOST), or by docker compose',
        })
  for (const attribute of elsewhere ? LEFT_OUT_ELSEWHERE : [])
    if (isAskedFor(build[attribute]))
      warnOf(input, { at: [attribute], summary: 'the builder cannot do that yet' })
  if (build.isolation !== undefined && build.isolation !== 'default')
    warnOf(input, { at: ['isolation'], summary: 'only Windows has kinds of isolation' })
  tellCaches(input)
}

/** `provenance: false` asks for what is the case. */
function isAskedFor(value: unknown): boolean {
  return value !== undefined && value !== 'false' && value !== false
}

/** The builder of another engine takes a cache from images alone. */
function tellCaches(input: BuildInput): void {
  if (input.options.foreignEngine !== true) return
  for (const [index, source] of (input.operation.build.cache_from ?? []).entries())
    if (source.includes('='))
      warnOf(input, { at: ['cache_from', index], summary: `no cache is taken from "${source}"` })
}
