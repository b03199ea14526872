import type { AuthConfig } from '../../api/types/index.ts'
import type { Archive, Call, Credentials, Options } from '../calls/call.ts'

/** A tar (stream, bytes, or a file's path), or a folder with the paths of it that are wanted; paths that are not there are passed over. */
export type BuildContext = Archive | { readonly context: string; readonly src: readonly string[] }

/** Of `buildImage`: the query of `POST /build`, and what travels in headers. `version: '2'` builds with BuildKit. */
export interface BuildCallOptions extends Options<'build'> {
  /** Registry → credentials. */
  readonly registryconfig?: Readonly<Record<string, AuthConfig>> | undefined
  /** Credentials for every registry. */
  readonly authconfig?: Credentials | undefined
  /** Ours: id → contents, for `RUN --mount=type=secret`; other engines ignore it. */
  readonly secrets?: Readonly<Record<string, Uint8Array>> | undefined
}

/** Header with build secrets: base64 JSON of id → base64 contents. */
const SECRETS_HEADER = 'X-Tscompose-Build-Secrets'

/** The call that builds, in the session of that id where BuildKit does. */
export async function buildCall(
  context: BuildContext,
  options: BuildCallOptions = {},
  session?: string,
): Promise<Call> {
  const { registryconfig, secrets, authconfig } = options
  const bag: BuildCallOptions = session === undefined ? options : { ...options, session }
  return {
    options: bag,
    file: await openContext(context),
    auth: authconfig,
    registryconfig,
    headers: secrets === undefined ? undefined : { [SECRETS_HEADER]: encode(textOf(secrets)) },
  }
}

function encode(value: object): string {
  return Buffer.from(JSON.stringify(value)).toString('base64url')
}

function textOf(secrets: Readonly<Record<string, Uint8Array>>): Record<string, string> {
  return Object.fromEntries(
    Object.entries(secrets).map(([id, bytes]) => [id, Buffer.from(bytes).toString('base64')]),
  )
}

async function openContext(context: BuildContext): Promise<Archive> {
  if (typeof context === 'string' || !('context' in context)) return context
  // Packing needs tar and ignore rules: not loaded by who only lists.
  const { packContext } = await import('./pack-context.ts')
  return packContext(context.context, context.src)
}
