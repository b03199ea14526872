import { randomUUID } from 'node:crypto'
import { type Material, PROVENANCE, type Predicate } from './predicate.ts'

/** How an image was built, for its provenance. */
export interface BuildStory {
  /** `min` leaves out what may be nobody's business: values of arguments, the Dockerfile itself. */
  readonly mode: 'min' | 'max'
  readonly dockerfile: { readonly name: string; readonly text: string }
  readonly target: string | undefined
  readonly args: Readonly<Record<string, string>>
  readonly labels: Readonly<Record<string, string>>
  /** Ids alone; their contents are nowhere. */
  readonly secrets: readonly string[]
  readonly ssh: readonly string[]
  readonly platform: string
  readonly builderPlatform: string
  readonly materials: readonly Material[]
  /** Milliseconds since 1970. */
  readonly begun: number
  readonly ended: number
}

/** What a build is, to those who read `buildType`. */
const BUILD_TYPE = 'urn:tscompose:dockerfile-build:v1'
const BUILDER = 'urn:tscompose:builder'

/** The provenance of an image. */
export function provenanceOf(story: BuildStory): Predicate {
  const { dockerfile, target, platform, builderPlatform, materials, begun, ended } = story
  const statement = {
    buildDefinition: {
      buildType: BUILD_TYPE,
      externalParameters: {
        configSource: { path: dockerfile.name },
        request: {
          platform,
          ...(target === undefined ? {} : { target }),
          ...(story.mode === 'max' ? wholeRequest(story) : {}),
        },
      },
      internalParameters: {
        builderPlatform,
        ...(story.mode === 'max' ? { source: sourceOf(story) } : {}),
      },
      resolvedDependencies: materials.toSorted((a, b) => (a.uri < b.uri ? -1 : 1)),
    },
    runDetails: {
      builder: { id: BUILDER },
      metadata: {
        invocationId: randomUUID(),
        startedOn: new Date(begun).toISOString(),
        finishedOn: new Date(ended).toISOString(),
      },
    },
  }
  return { type: PROVENANCE, bytes: Buffer.from(JSON.stringify(statement)) }
}

function wholeRequest({ args, labels, secrets, ssh }: BuildStory): object {
  return { args, labels, secrets: secrets.map(id => ({ id })), ssh: ssh.map(id => ({ id })) }
}

function sourceOf({ dockerfile: { name, text } }: BuildStory): object {
  return { filename: name, language: 'Dockerfile', data: Buffer.from(text).toString('base64') }
}
