import {
  type Candidates,
  type CommandLine,
  type DescribedCommand,
  type DescribedOption,
  groupsOf,
  positionalsOf,
  valuesOf,
  wordsAfter,
} from './command-line.ts'

/** A completion script for fish, with what each option and command is for. */
export function renderFish(line: CommandLine): string {
  const { options, commands } = line
  const groups = groupsOf(line)
  const lines = ['', ...groups].flatMap(group =>
    [...wordsAfter(line, group)].map(
      ([word, help]) => `complete -c tscompose -n ${condition(group)} -a ${quote(word)} -d ${quote(help)}`,
    ),
  )
  return `# fish completion of tscompose: tscompose completion fish > ~/.config/fish/completions/tscompose.fish
function __tscompose_names
    tscompose complete $argv[1] 2>/dev/null
end

# The words of the command, or of the group of commands, that is written; nothing before there is one.
function __tscompose_command
    set -l command
    set -l skip 0
    for word in (commandline -opc)[2..-1]
        if test $skip = 1
            set skip 0
        else if contains -- $word ${valuedOf(options)}
            set skip 1
        else if not string match -q -- '-*' $word
            set -l longer (string trim -- "$command $word")
            contains -- $longer ${[...groups, ...commands.map(({ name }) => name)].map(quote).join(' ')}; or break
            set command $longer
        end
    end
    echo $command
end
complete -c tscompose -f
${[...options.map(option => lineOf(condition(''), option)), ...lines, ...commands.flatMap(renderCommand)].join('\n')}
`
}

function renderCommand(command: DescribedCommand): string[] {
  const inside = condition(command.name)
  const { first, others } = positionalsOf(command)
  // fish does not tell which positional is written: what may be either is offered for both.
  const places = [first, others].flatMap(candidatesOf)
  return [
    ...command.options.map(option => lineOf(inside, option)),
    ...[...new Set(places)].map(place => `complete -c tscompose -n ${inside} ${place}`),
  ]
}

function condition(command: string): string {
  return quote(`test (__tscompose_command) = "${command}"`)
}

/** Options behind which a value stands. */
function valuedOf(options: readonly DescribedOption[]): string {
  return options.flatMap(({ names, value }) => (value === undefined ? [] : names)).join(' ')
}

function lineOf(inside: string, option: DescribedOption): string {
  const flags = option.names.map(name =>
    name.startsWith('--') ? `-l ${name.slice(2)}` : `-s ${name.slice(1)}`,
  )
  const takes = option.value === undefined ? '' : ` ${candidatesOf(valuesOf(option))[0] ?? '-x'}`
  const value = takes.startsWith(' -a') ? ` -x${takes}` : takes.replace(' -F', ' -r -F')
  return `complete -c tscompose -n ${inside} ${flags.join(' ')}${value} -d ${quote(option.help)}`
}

/** How fish is told of candidates, if there are any; -F: files, which are switched off elsewhere. */
function candidatesOf(candidates: Candidates): string[] {
  switch (candidates.kind) {
    case 'nothing':
      return []
    case 'files':
    case 'folders':
      return ['-F']
    case 'words':
      return [`-a ${quote(candidates.words.join(' '))}`]
    case 'names':
      return [`-a '(__tscompose_names ${candidates.of})'${candidates.of === 'paths' ? ' -F' : ''}`]
  }
}

function quote(text: string): string {
  return `'${text.replaceAll('\\', '\\\\').replaceAll("'", "\\'")}'`
}
