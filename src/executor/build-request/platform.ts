import { emulatedArchitectures } from '../../linux/binfmt.ts'
import { formatPlatform, hostPlatform, parsePlatform, platformDistance } from '../../oci/platform.ts'
import { type BuildInput, refusal, warnOf } from './attribute.ts'

/**
 * The platform that is built: the service's, this machine's where `build.platforms` has it, or the first whose programs it
 * runs by a handler of binfmt_misc. Raises PLATFORM_UNSUPPORTED where it runs none: it is never another one than was asked for.
 */
export function buildPlatform(
  input: BuildInput,
  emulated: () => readonly string[] = emulatedArchitectures,
): string | undefined {
  const { platform, build } = input.operation
  const platforms = build.platforms ?? []
  if (platforms.length === 0 || input.options.foreignEngine === true) return platform
  const own = hostPlatform()
  const isOurs = (text: string): boolean => platformDistance(own, parsePlatform(text)) !== undefined
  const runs = (text: string): boolean => emulated().includes(parsePlatform(text).architecture)
  const chosen = platform ?? platforms.find(isOurs) ?? platforms.find(runs)
  if (chosen === undefined)
    throw refusal(input, {
      code: 'PLATFORM_UNSUPPORTED',
      at: ['platforms'],
      summary: `got ${platforms.map(text => `"${text}"`).join(', ')}, this machine builds for "${formatPlatform(own)}" alone`,
      hint: `add ${formatPlatform(own)} to them, or register a handler in binfmt_misc with the flag F (Debian: qemu-user-static)`,
    })
  for (const [index, other] of platforms.entries())
    if (other !== chosen && !(isOurs(other) && isOurs(chosen)))
      warnOf(input, {
        at: ['platforms', index],
        summary: `an image is built for one platform at a time, here for ${chosen}, not for "${other}"`,
      })
  return chosen
}
