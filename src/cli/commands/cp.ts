import { failure } from '../../diagnostics/index.ts'
import { copyIn } from '../../project/copy/copy-in.ts'
import { copyOut } from '../../project/copy/copy-out.ts'
import type { ServicePath } from '../../project/copy/service-files.ts'
import type { CommandContext } from '../command.ts'
import { type Command, defineCommand } from '../define-command.ts'
import { EXIT } from '../exit-codes.ts'
import { flag, given, number } from '../option.ts'
import { targetOf } from '../target.ts'
import { plainProgressOf, tellDryRun } from '../work.ts'

/** `tscompose cp`. */
export const command: Command = defineCommand({
  description:
    'Copies a file or a folder between here and containers of a service, running or not: into each of them, or from the first. ' +
    'One of both is SERVICE:PATH. Into a folder that is there it goes under its name, to a name that is not there as that; FOLDER/. is ' +
    'what is in a folder.\n' +
    'A tar is read from standard input for -, or written to standard output.',
  options: {
    index: number('--index <number>', 'This container of a service that has several'),
    all: flag('--all', 'Into one-offs of the service as well'),
    archive: flag('-a, --archive', "Owned by the container's user there"),
    followLink: flag('-L, --follow-link', 'Where it is a link, copy what it leads to'),
  },
  examples: [
    ['tscompose cp web:/var/log/apache2/. logs', 'what is in a folder, into logs'],
    ['tscompose cp dump.sql db:/tmp/', 'into a folder'],
    ['tscompose cp db:/etc/mysql - | tar t', 'as a tar'],
  ],
  run: async (context, [source = '', destination = ''], { index, all, archive, followLink }) => {
    // An unset variable of a script would be the whole folder here, or the whole of the container.
    if (source === '' || destination === '') throw direction('neither source nor destination can be empty')
    const from = servicePath(source)
    const to = servicePath(destination)
    if (from !== undefined && to !== undefined) throw direction('copying between services is not supported')
    const request = { ...given({ index }), followLink, ...plainProgressOf(context) }
    if (to !== undefined) {
      const input = source === '-' ? context.streams.stdin : source
      const names = await copyIn(targetOf(context), input, to, { ...request, all, archive })
      tellDryRun(
        context,
        names.map(name => `copy ${source} to ${name}:${to.path}`),
      )
    } else if (from !== undefined) {
      const name = await copyFrom(context, from, destination, request)
      tellDryRun(context, [`copy ${name}:${from.path} to ${destination}`])
    } else throw direction('name a service on one side, as SERVICE:PATH')
    return EXIT.ok
  },
})

async function copyFrom(
  context: CommandContext,
  from: ServicePath,
  destination: string,
  request: Parameters<typeof copyOut>[3],
): Promise<string> {
  const { stdout } = context.streams
  if (destination === '-' && stdout.isTTY)
    throw failure({
      code: 'OUTPUT_TERMINAL',
      kind: 'invalidArgument',
      summary: 'a tar is nothing for a terminal',
      hint: 'name a file or a folder, or pass it on: | tar t',
    })
  return copyOut(targetOf(context), from, destination === '-' ? stdout : destination, request)
}

/** `SERVICE:PATH`; what begins with `/` or `.` is a path here, whatever colons are in it. */
function servicePath(word: string): ServicePath | undefined {
  const at = word.indexOf(':')
  if (at <= 0 || /^[./]/.test(word)) return undefined
  const path = word.slice(at + 1)
  if (path === '') throw direction(`"${word}" names no path; "${word}/" is all of the container`)
  return { service: word.slice(0, at), path }
}

function direction(summary: string): Error {
  return failure({ code: 'FLAG_VALUE', kind: 'invalidArgument', summary: `cp: ${summary}` })
}
