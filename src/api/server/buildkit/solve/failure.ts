import type { Diagnostic } from '../../../../diagnostics/index.ts'
import { asFailure } from '../../answer/error.ts'
import { type RpcStatus, StatusFailure, statusOf } from '../grpc/error.ts'

/** What clients know the parts of a failure by; their values are JSON. */
const SOURCE = 'github.com/moby/buildkit/errdefs.Source+json'
const FRONTEND = 'github.com/moby/buildkit/errdefs.Frontend+json'
const EXIT = 'github.com/moby/buildkit/gatewayapi.ExitMessage+json'

/** The text that lines of a failure are lines of. */
export interface FailedFile {
  readonly name: string
  readonly text: string
}

/** A build's failure with all that clients show of it: the place in the Dockerfile, the exit code of a command. */
export function solveFailure(
  error: unknown,
  signal: AbortSignal,
  file: FailedFile | undefined,
): StatusFailure {
  if (signal.aborted && signal.reason instanceof StatusFailure) return signal.reason
  if (error instanceof StatusFailure) return error
  const { diagnostics } = asFailure(error)
  const details = [
    ...sourcesOf(diagnostics, file),
    detail(FRONTEND, { name: 'dockerfile.v0' }),
    ...diagnostics.flatMap(({ exitStatus }) =>
      exitStatus === undefined ? [] : [detail(EXIT, { Code: exitStatus })],
    ),
  ]
  const { code } = statusOf(error)
  return new StatusFailure({
    ...(code === undefined ? {} : { code }),
    message: messageOf(diagnostics),
    details,
  })
}

/** What scripts look for in BuildKit's own words. The output of a command is in the progress already. */
function messageOf(diagnostics: readonly Diagnostic[]): string {
  return diagnostics
    .map(({ code, facts, summary, detail: more, hint, exitStatus }) =>
      code === 'DOCKERFILE_MISSING' && facts?.['file'] !== undefined
        ? `failed to read dockerfile: open ${facts['file']}: no such file or directory`
        : exitStatus === undefined
          ? `${summary}${more === undefined ? '' : `: ${more}`}${hint === undefined ? '' : ` (${hint})`}`
          : summary,
    )
    .join('\n')
}

function sourcesOf(
  diagnostics: readonly Diagnostic[],
  file: FailedFile | undefined,
): readonly NonNullable<RpcStatus['details']>[number][] {
  if (file === undefined) return []
  const ranges = diagnostics.flatMap(({ range }) =>
    range === undefined ? [] : [{ start: { line: range.start.line }, end: { line: range.end.line } }],
  )
  if (ranges.length === 0) return []
  const data = Buffer.from(file.text).toString('base64')
  return [detail(SOURCE, { info: { filename: file.name, data, language: 'Dockerfile' }, ranges })]
}

function detail(url: string, value: object): NonNullable<RpcStatus['details']>[number] {
  return { type_url: url, value: Buffer.from(JSON.stringify(value)) }
}
