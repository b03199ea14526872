import { credentialsOfAll } from '../../oci/credentials.ts'
import { ulimits } from '../create-request/index.ts'
import { compact, nonEmpty, nonEmptyMap } from '../create-request/input.ts'
import { bytes } from '../create-request/resources.ts'
import type { BuildCallOptions } from '../docker.ts'
import { buildAttestations } from './attestations.ts'
import type { BuildInput } from './attribute.ts'
import { buildCaches } from './caches.ts'
import type { FurtherContexts } from './contexts.ts'
import { buildEntitlements } from './entitlements.ts'
import { buildPlatform } from './platform.ts'
import { buildSecrets, secretOwners } from './secrets.ts'

export type { BuildInput } from './attribute.ts'
export { furtherContexts } from './contexts.ts'
export { tellNotApplied } from './not-applied.ts'
export { openAgents } from './ssh.ts'

/** What was opened for a build. */
interface Parts extends Pick<FurtherContexts, 'contexts'> {
  /** Sockets by id. */
  readonly agents?: Readonly<Record<string, string>>
}

/** The query of a build: all that `build` says but the context itself. Raises what one of its attributes is refused with. */
export async function buildRequest(
  input: BuildInput,
  { contexts, agents = {} }: Parts,
): Promise<Omit<BuildCallOptions, 'dockerfile' | 'remote' | 'abortSignal'>> {
  const { operation } = input
  const { build } = operation
  const ours = input.options.foreignEngine !== true
  const caches = buildCaches(input)
  return compact({
    t: [operation.reference, ...operation.tags],
    nocache: operation.noCache,
    pull: operation.pull,
    // The file's arguments, those of `--build-arg` over them; one without a value is left to the engine's own.
    buildargs: { ...epochHere(), ...build.args, ...operation.args },
    labels: operation.labels,
    target: build.target,
    platform: buildPlatform(input),
    networkmode: build.network,
    extrahosts: (build.extra_hosts ?? []).map(entry => entry.replace('=', ':')),
    shmsize: bytes(build.shm_size),
    memory: operation.memory,
    ulimits: nonEmpty(ulimits(build.ulimits)),
    cachefrom: nonEmpty(caches.images),
    registryconfig: nonEmptyMap(await credentialsOfAll(undefined, input.options.signal)),
    ...(ours
      ? {
          tscompose: nonEmptyMap(
            compact<NonNullable<BuildCallOptions['tscompose']>>({
              contexts: nonEmptyMap(contexts),
              secretOwners: nonEmptyMap(secretOwners(input)),
              noCacheFilter: nonEmpty(build.no_cache_filter),
              entitlements: nonEmpty(buildEntitlements(input)),
              sshAgents: nonEmptyMap(agents),
              cacheSources: nonEmpty(caches.from),
              cacheTargets: nonEmpty(caches.to),
              ...buildAttestations(input),
              check: operation.check,
              traced: input.options.traceBuilds,
            }),
          ),
          secrets: nonEmptyMap(await buildSecrets(input)),
        }
      : {}),
  })
}

/** The time that the surroundings ask for, as BuildKit's clients pass it on. */
function epochHere(): Readonly<Record<string, string>> {
  const epoch = process.env['SOURCE_DATE_EPOCH']
  return epoch === undefined || epoch === '' ? {} : { SOURCE_DATE_EPOCH: epoch }
}
