import { Failure } from '../../diagnostics/index.ts'
import { emulatedArchitectures } from '../../linux/binfmt.ts'
import { formatPlatform, hostPlatform, parsePlatform, platformDistance } from '../../oci/platform.ts'
import { type BuildInput, refusal } from './attribute.ts'

/**
 * What is built, as the API has it: all of `build.platforms` where the build is asked for by itself. For a service that is to run it is
 * the service's own, this machine's where `build.platforms` has it, or the first whose programs it runs by a handler of binfmt_misc;
 * PLATFORM_UNSUPPORTED where it runs none of them: it is never another one than was asked for.
 */
export function buildPlatform(
  input: BuildInput,
  emulated: () => readonly string[] = emulatedArchitectures,
): string | undefined {
  const { platform, build, allPlatforms } = input.operation
  const platforms = build.platforms ?? []
  for (const [index, text] of platforms.entries()) if (text !== '') checkPlatform(input, text, index)
  if (platforms.length === 0 || input.options.foreignEngine === true) return platform
  if (allPlatforms === true) return platforms.join(',')
  const own = hostPlatform()
  const isOurs = (text: string): boolean => platformDistance(own, parsePlatform(text)) !== undefined
  const runs = (text: string): boolean => emulated().includes(parsePlatform(text).architecture)
  const chosen = platform ?? platforms.find(isOurs) ?? platforms.find(runs)
  if (chosen !== undefined) return chosen
  throw refusal(input, {
    code: 'PLATFORM_UNSUPPORTED',
    at: ['platforms'],
    summary: `got ${platforms.map(text => `"${text}"`).join(', ')}, this machine runs "${formatPlatform(own)}" alone`,
    hint: `add ${formatPlatform(own)} to them, or register a handler in binfmt_misc with the flag F (Debian: qemu-user-static)`,
  })
}

/** What is no platform is refused at its place in the file. */
function checkPlatform(input: BuildInput, text: string, index: number): void {
  try {
    parsePlatform(text)
  } catch (error) {
    const [told] = error instanceof Failure ? error.diagnostics : []
    if (told === undefined) throw error
    const { code, summary, hint } = told
    throw refusal(input, { code, at: ['platforms', index], summary, ...(hint === undefined ? {} : { hint }) })
  }
}
