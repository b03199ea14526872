import { formatPlatform, hostPlatform, parsePlatform, platformDistance } from '../../oci/platform.ts'
import { type BuildInput, refusal, warnOf } from './attribute.ts'

/**
 * The platform that is built: the service's, or this machine's where `build.platforms` has it. Raises
 * PLATFORM_UNSUPPORTED where none of them is this machine's: it is never another one than was asked for.
 */
export function buildPlatform(input: BuildInput): string | undefined {
  const { platform, build } = input.operation
  const platforms = build.platforms ?? []
  if (platforms.length === 0 || input.options.foreignEngine === true) return platform
  const own = hostPlatform()
  const isOurs = (text: string): boolean => platformDistance(own, parsePlatform(text)) !== undefined
  const chosen = platform ?? platforms.find(isOurs)
  if (chosen === undefined)
    throw refusal(input, {
      code: 'PLATFORM_UNSUPPORTED',
      at: ['platforms'],
      summary: `got ${platforms.map(text => `"${text}"`).join(', ')}, this machine builds for "${formatPlatform(own)}" alone`,
      hint: `add ${formatPlatform(own)} to them, or build on such a machine`,
    })
  for (const [index, other] of platforms.entries())
    if (!isOurs(other))
      warnOf(input, {
        at: ['platforms', index],
        summary: `this machine builds for ${formatPlatform(own)} alone, not for "${other}"`,
      })
  return chosen
}
