import type { Readable } from 'node:stream'
import type { CallQueryOf } from '../../api/routes.ts'
import type { AuthConfig } from '../../api/types/index.ts'
import type { Call, CallControl } from '../modem/modem.ts'

/** A tar (stream, bytes, or a file's path), or a folder with the paths of it that are wanted. */
export type BuildContext =
  | string
  | Readable
  | Uint8Array
  | { readonly context: string; readonly src: readonly string[] }

/** Of `buildImage`: the query of `POST /build`, and what travels in headers. */
export interface BuildCallOptions extends CallQueryOf<'build'>, CallControl {
  /** Registry → credentials. */
  readonly registryconfig?: Readonly<Record<string, AuthConfig>> | undefined
  /** Ours: id → contents, for `RUN --mount=type=secret`; other engines ignore it. */
  readonly secrets?: Readonly<Record<string, Uint8Array>> | undefined
}

/** Header with build secrets: base64 JSON of id → base64 contents. */
const SECRETS_HEADER = 'X-Tscompose-Build-Secrets'

/** The call that builds. */
export async function buildCall(context: BuildContext, options: BuildCallOptions = {}): Promise<Call> {
  const { registryconfig, secrets } = options
  return {
    options,
    file: await openContext(context),
    headers: {
      ...(registryconfig === undefined ? {} : { 'X-Registry-Config': encode(registryconfig) }),
      ...(secrets === undefined ? {} : { [SECRETS_HEADER]: encode(textOf(secrets)) }),
    },
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

async function openContext(context: BuildContext): Promise<Readable | Uint8Array> {
  if (typeof context === 'string') {
    const { createReadStream } = await import('node:fs')
    return createReadStream(context)
  }
  if ('context' in context) {
    // Packing needs tar and ignore rules: not loaded by who only lists.
    const { packContext } = await import('./pack-context.ts')
    return packContext(context.context, context.src)
  }
  return context
}
