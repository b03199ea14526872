import { type Diagnostic, renderDiagnostics } from '../../../diagnostics/index.ts'
import { storageBytes } from '../../../notation/index.ts'
import type { LeftOut, NotStarted, SnapshotOutcome } from '../../../project/snapshots.ts'
import type { CommandContext } from '../../command.ts'
import { EXIT } from '../../exit-codes.ts'
import { useColor } from '../../global-options.ts'
import { tellNotices } from '../../notices.ts'
import { statusStream } from '../../views/progress/index.ts'

/** Who is waited for, said once. */
export function tellsWait({ streams }: CommandContext): {
  readonly onWait: (holder: { readonly command: string; readonly pid: number }, project: string) => void
} {
  return {
    onWait: ({ command, pid }, project) =>
      void streams.stderr.write(
        `Waiting for \`${command}\` (pid ${pid}), which works on project ${project}\n`,
      ),
  }
}

/**
 * What came of it, and what is not in it, and what could not be cleared up; of the former nothing with `--progress quiet`. The status is that of a failure where
 * somebody who was stopped for it does not run again.
 */
export function tellOutcome(
  context: CommandContext,
  verb: string,
  { Snapshot, Left, Restarted, Frozen, Down = [] }: SnapshotOutcome,
): number {
  tellNotices(context)
  tellDown(context, Down)
  const status = Down.length === 0 ? EXIT.ok : EXIT.failure
  if (context.globals.progress === 'quiet') return status
  const { Name, Volumes, Roots, Size } = Snapshot
  const parts = [
    `${count(Volumes.length, 'volume')}, ${count(Roots.length, 'container')}, ${storageBytes(Size)}`,
    ...(Frozen > 0 ? [`frozen for ${Math.ceil(Frozen)} ms`] : []),
    ...(Restarted.length > 0 ? [`restarted ${Restarted.join(', ')}`] : []),
  ]
  const lines = [`${verb} ${Name}: ${parts.join('; ')}`, ...Left.map(each => `  not ${leftText(each)}`)]
  statusStream(context).write(`${lines.join('\n')}\n`)
  return status
}

function tellDown({ env, globals, streams: { stderr } }: CommandContext, down: readonly NotStarted[]): void {
  if (down.length === 0) return
  const diagnostics = down.map(
    ({ Name, Problem }): Diagnostic => ({
      severity: 'warning',
      code: 'SNAPSHOT_START',
      summary: `${Name} was stopped for the snapshot and does not start: ${Problem}`,
      hint: 'what was saved or put back is whole; mend the reason, then start it with `tscompose up -d`',
    }),
  )
  stderr.write(`${renderDiagnostics(diagnostics, { color: useColor(globals, stderr, env) })}\n`)
}

function count(number: number, noun: string): string {
  return `${number} ${noun}${number === 1 ? '' : 's'}`
}

function leftText({ Kind, Name }: LeftOut): string {
  switch (Kind) {
    case 'bind':
      return `${Name}: files of the host`
    case 'tmpfs':
      return `${Name}: in memory alone`
    case 'filesystem':
      return `the volume ${Name}: a file system of its own`
    case 'external':
      return `the volume ${Name}: it is not the project's`
    case 'missing':
      return `${Name}: the project does not have it`
    case 'image':
      return `what ${Name} has written: it is made of another image now`
    default:
      return Kind satisfies never
  }
}
