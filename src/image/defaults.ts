/** PATH of a container whose image sets none, as Docker has it. */
export const PATH_DEFAULT = '/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin'

/** Build arguments that every RUN may use without an ARG; they name the builder's surroundings, so no cache key has them. */
export const PROXY_ARGS: ReadonlySet<string> = new Set(
  ['HTTP_PROXY', 'HTTPS_PROXY', 'FTP_PROXY', 'NO_PROXY', 'ALL_PROXY'].flatMap(name => [
    name,
    name.toLowerCase(),
  ]),
)

/** `linux/amd64` and its parts, which ARGs may ask for. */
export function platformArgs(architecture: string): ReadonlyMap<string, string> {
  const entries = ['BUILD', 'TARGET'].flatMap(side => [
    [`${side}PLATFORM`, `linux/${architecture}`] as const,
    [`${side}OS`, 'linux'] as const,
    [`${side}ARCH`, architecture] as const,
    [`${side}VARIANT`, ''] as const,
  ])
  return new Map(entries)
}
