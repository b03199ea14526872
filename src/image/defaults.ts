import { formatPlatform, type Platform } from '../oci/platform.ts'

/** PATH of a container whose image sets none, as Docker has it. */
export const PATH_DEFAULT = '/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin'

/** Build arguments that every RUN may use without an ARG; they name the builder's surroundings, so no cache key has them. */
export const PROXY_ARGS: ReadonlySet<string> = new Set(
  ['HTTP_PROXY', 'HTTPS_PROXY', 'FTP_PROXY', 'NO_PROXY', 'ALL_PROXY'].flatMap(name => [
    name,
    name.toLowerCase(),
  ]),
)

/** What a build is for, and the machine that it runs on. */
export interface Platforms {
  readonly target: Platform
  readonly build: Platform
}

/** `linux/amd64` and its parts, which ARGs may ask for. */
export function platformArgs({ target, build }: Platforms): ReadonlyMap<string, string> {
  const sides = [['BUILD', build] as const, ['TARGET', target] as const]
  const entries = sides.flatMap(([side, platform]) => [
    [`${side}PLATFORM`, formatPlatform(platform)] as const,
    [`${side}OS`, platform.os] as const,
    [`${side}ARCH`, platform.architecture] as const,
    [`${side}VARIANT`, platform.variant ?? ''] as const,
  ])
  return new Map(entries)
}
