import { type CommandLine, type DescribedOption, takesService, takesServices } from './command-line.ts'

/** A completion script for fish, with what each option and command is for. */
export function renderFish({ options, commands }: CommandLine): string {
  const names = commands.map(({ name }) => name).join(' ')
  const before = `not __fish_seen_subcommand_from ${names}`
  const lines = [
    ...options.map(option => lineOf(before, option)),
    ...commands.map(
      ({ name, summary }) =>
        `complete -c tscompose -n ${quote(before)} -a ${quote(name)} -d ${quote(summary)}`,
    ),
    ...commands.flatMap(command => {
      const inside = `__fish_seen_subcommand_from ${command.name}`
      const services = `complete -c tscompose -n ${quote(inside)} -a '(__tscompose_services)'`
      const words = `complete -c tscompose -n ${quote(inside)} -a ${quote(command.words.join(' '))}`
      return [
        ...command.options.map(option => lineOf(inside, option)),
        ...(takesServices(command) || takesService(command) ? [services] : []),
        ...(command.words.length > 0 ? [words] : []),
      ]
    }),
  ]
  return `# fish completion of tscompose: tscompose completion fish > ~/.config/fish/completions/tscompose.fish
function __tscompose_services
    tscompose config --services 2>/dev/null
end
complete -c tscompose -f
${lines.join('\n')}
`
}

function lineOf(condition: string, { names, value, choices, help }: DescribedOption): string {
  const flags = names.map(name => (name.startsWith('--') ? `-l ${name.slice(2)}` : `-s ${name.slice(1)}`))
  return `complete -c tscompose -n ${quote(condition)} ${flags.join(' ')}${takes(value, choices)} -d ${quote(help)}`
}

/** -r: it takes a value; -F: files, which are switched off elsewhere. */
function takes(value: string | undefined, choices: readonly string[]): string {
  if (value === undefined) return ''
  if (choices.length > 0) return ` -x -a ${quote(choices.join(' '))}`
  if (value === 'service') return " -x -a '(__tscompose_services)'"
  return value === 'file' || value === 'folder' ? ' -r -F' : ' -x'
}

function quote(text: string): string {
  return `'${text.replaceAll('\\', '\\\\').replaceAll("'", "\\'")}'`
}
