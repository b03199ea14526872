import { storageBytes } from '../../../notation/index.ts'
import type { LeftOut, SnapshotOutcome } from '../../../project/snapshots.ts'
import type { CommandContext } from '../../command.ts'
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

/** What came of it, and what is not in it, and what could not be cleared up; of the former nothing with `--progress quiet`. */
export function tellOutcome(
  context: CommandContext,
  verb: string,
  { Snapshot, Left, Restarted, Frozen }: SnapshotOutcome,
): void {
  tellNotices(context)
  if (context.globals.progress === 'quiet') return
  const { Name, Volumes, Roots, Size } = Snapshot
  const parts = [
    `${count(Volumes.length, 'volume')}, ${count(Roots.length, 'container')}, ${storageBytes(Size)}`,
    ...(Frozen > 0 ? [`frozen for ${Math.ceil(Frozen)} ms`] : []),
    ...(Restarted.length > 0 ? [`restarted ${Restarted.join(', ')}`] : []),
  ]
  const lines = [`${verb} ${Name}: ${parts.join('; ')}`, ...Left.map(each => `  not ${leftText(each)}`)]
  statusStream(context).write(`${lines.join('\n')}\n`)
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
