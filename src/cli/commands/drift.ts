import { type Drifted, drift } from '../../project/drift.ts'
import { type DriftNews, watchDrift } from '../../project/watch-drift.ts'
import type { CommandContext } from '../command.ts'
import { type Command, defineCommand } from '../define-command.ts'
import { EXIT } from '../exit-codes.ts'
import { watchInterrupts } from '../interrupt.ts'
import { flag } from '../option.ts'
import { targetOf } from '../target.ts'
import { renderTable } from '../views/listing/table.ts'

/** Exit status where something has drifted. */
const DRIFTED = 2

/** `tscompose drift`. */
export const command: Command = defineCommand({
  description:
    'Shows what the kernel has otherwise than it was set up for the project: links, addresses and routes that somebody has changed or removed. Changes nothing; up puts it right.\n' +
    'The exit status is 0 where there is nothing, and 2 where there is something.',
  options: {
    json: flag('--json', 'One JSON object a line'),
    watch: flag('-w, --watch', 'Go on, and tell what comes and what goes as it does, until interrupted'),
  },
  examples: [
    ['tscompose drift', 'what up would put right, without the file'],
    ['tscompose drift --watch --json', 'the same, and what comes and goes from now on'],
  ],
  run: async (context, services, { json, watch }) => {
    if (watch) return follow(context, services, json)
    const found = await drift(targetOf(context), { services })
    const { stdout } = context.streams
    if (json) for (const each of found) stdout.write(`${JSON.stringify(each)}\n`)
    else if (found.length > 0) {
      const rows = found.map(each => [
        `${each.kind} ${each.name}`,
        each.path,
        each.want,
        each.got,
        HOW[each.repair],
      ])
      stdout.write(renderTable(['OF', 'WHAT', 'WANTED', 'IS', 'PUT RIGHT'], rows, { narrowest: 4, gap: 2 }))
    }
    return found.length === 0 ? EXIT.ok : DRIFTED
  },
})

/** Each as it comes and goes: netlink, nf_tables and inotify tell of most; what they do not is looked at every five seconds. */
async function follow(context: CommandContext, services: readonly string[], json: boolean): Promise<number> {
  const interrupts = watchInterrupts(context.signals)
  try {
    for await (const each of watchDrift(targetOf(context), { services, signal: interrupts.graceful }))
      context.streams.stdout.write(`${json ? JSON.stringify(each) : lineOf(each)}\n`)
  } finally {
    interrupts.dispose()
  }
  return EXIT.ok
}

/** `+ container shop-web-1 endpoint.shop_front.link: missing, not tv0123 (where it stands)`; with `~` what was put right at once. */
function lineOf({ state, kind, name, path, want, got, repair }: DriftNews): string {
  const how = state === 'mended' ? 'put right' : HOW[repair]
  return `${MARKS[state]} ${kind} ${name} ${path}: ${got}, not ${want} (${how})`
}

const MARKS: Readonly<Record<DriftNews['state'], string>> = { came: '+', gone: '-', mended: '~' }

const HOW: Readonly<Record<Drifted['repair'], string>> = {
  place: 'where it stands',
  update: 'by an update',
  restart: 'by a restart',
  recreate: 'by a new one',
  none: 'up --force-recreate',
  unseen: 'not known',
}
