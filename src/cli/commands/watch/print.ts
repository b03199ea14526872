import type { WatchEvent } from '../../../project/watch/events.ts'
import type { CommandContext } from '../../command.ts'
import { printDiagnostics } from '../../work.ts'

/** Prints what a watch does in Docker Compose's words; beside logs each line has a mark in front. */
export function watchPrinter(context: CommandContext, mark = ''): (event: WatchEvent) => void {
  const say = (text: string): void => void context.streams.stdout.write(`${mark}${text}\n`)
  return event => {
    switch (event.type) {
      case 'watching':
        return say('Watch enabled')
      case 'syncing':
        return say(`Syncing service "${event.service}" after ${event.changes} changes were detected`)
      case 'rebuilding':
        return say(`Rebuilding service(s) ${listed(event.services)} after changes were detected...`)
      case 'rebuilt':
        return say(`service(s) ${listed(event.services)} successfully built`)
      case 'restarted':
        return say(`service(s) ${listed(event.services)} restarted`)
      case 'output':
        return say(event.line)
      case 'problem':
        return printDiagnostics(context, event.diagnostics)
      case 'synced':
      case 'progress':
        return undefined
    }
  }
}

const listed = (names: readonly string[]): string => `[${names.map(name => JSON.stringify(name)).join(' ')}]`
