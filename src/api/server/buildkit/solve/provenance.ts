import type { SolvedFacts } from '../../../backend/solves.ts'
import type { Job } from './job.ts'

/** The form in which builders of BuildKit's kind tell where a result comes from: SLSA's provenance of version 0.2. */
export const PROVENANCE_TYPE = 'https://slsa.dev/provenance/v0.2'
const BUILD_TYPE = 'https://mobyproject.org/buildkit@v1'
/** Attributes of the frontend that say what is built; the others say where it is and what becomes of it. */
const ARGS = /^(?:build-arg:|label:|no-cache$|target$|add-hosts$|force-network-mode$|shm-size$|ulimit$|vcs:)/

/**
 * Where the result of a build comes from, as clients write it into their metadata files. It has no graph of operations
 * (`buildConfig`), since there is none.
 */
export function provenanceText(
  { terms, begun }: Job,
  { platform, materials, secrets, agents }: SolvedFacts,
): string {
  const attributes = terms.FrontendAttrs
  const address = attributes['context'] ?? ''
  const isRemote = address !== '' && !address.startsWith('http://buildkit-session/')
  const args = Object.fromEntries(
    Object.entries(attributes)
      .filter(([name]) => ARGS.test(name))
      .sort(),
  )
  const mounted = (all: SolvedFacts['secrets']): readonly object[] =>
    all.map(({ name, isRequired }) => ({ id: name, ...(isRequired ? {} : { optional: true }) }))
  const some = (key: string, values: readonly object[]): object =>
    values.length === 0 ? {} : { [key]: values }
  return JSON.stringify({
    builder: { id: '' },
    buildType: BUILD_TYPE,
    materials,
    invocation: {
      configSource: {
        ...(isRemote ? { uri: withoutLogin(address) } : {}),
        entryPoint: attributes['filename'] ?? 'Dockerfile',
      },
      parameters: {
        frontend: 'dockerfile.v0',
        ...(Object.keys(args).length === 0 ? {} : { args }),
        ...some('secrets', mounted(secrets)),
        ...some('ssh', mounted(agents)),
        ...some('locals', address === '' ? [{ name: 'context' }, { name: 'dockerfile' }] : []),
      },
      environment: { platform },
    },
    metadata: {
      buildInvocationID: terms.Ref,
      buildStartedOn: begun.toISOString(),
      buildFinishedOn: new Date().toISOString(),
      completeness: { parameters: true, environment: true, materials: false },
      reproducible: false,
    },
  })
}

function withoutLogin(address: string): string {
  return address.replace(/^([a-z][a-z0-9+.-]*:\/\/)[^/@]*@/i, '$1')
}
