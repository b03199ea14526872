import {
  type CommandLine,
  type DescribedCommand,
  type DescribedOption,
  takesService,
  takesServices,
} from './command-line.ts'

/**
 * A completion script for bash: commands, options, the words of options that have a few, files, and the project's services,
 * which the tool itself is asked for, with the global options that stand before.
 */
export function renderBash({ options, commands }: CommandLine): string {
  const valued = options.filter(({ value }) => value !== undefined).flatMap(({ names }) => names)
  return `# bash completion of tscompose: source <(tscompose completion bash)
_tscompose_services() {
  local services
  services=$(tscompose "\${globals[@]}" config --services 2>/dev/null)
  # In single quotes: what a file says is a word, and is not expanded again.
  COMPREPLY=($(compgen -W '$services' -- "$current"))
}

_tscompose_options() {
  COMPREPLY=($(compgen -W "$1" -- "$current"))
}

# Quotes and backslashes of the line, which bash leaves in its words; nothing is expanded.
_tscompose_plain() {
  local text=\${1//[\\"\\']/}
  plain=\${text//\\\\/}
}

_tscompose() {
  local current=\${COMP_WORDS[COMP_CWORD]} previous=\${COMP_WORDS[COMP_CWORD-1]} command= at=0 first= word plain
  local -a globals=()
  # \`--file=x\` is three words to bash.
  [[ $previous == = ]] && previous=\${COMP_WORDS[COMP_CWORD-2]}
  for ((word = 1; word < COMP_CWORD; word++)); do
    case \${COMP_WORDS[word]} in
      ${valued.join('|')})
        [[ \${COMP_WORDS[word+1]} == = ]] && ((word++)) && globals+=("\${COMP_WORDS[word-1]}") || globals+=("\${COMP_WORDS[word]}")
        ((word++))
        _tscompose_plain "\${COMP_WORDS[word]}"
        globals+=("$plain") ;;
      -*) globals+=("\${COMP_WORDS[word]}") ;;
      *) command=\${COMP_WORDS[word]} at=$word; break ;;
    esac
  done
  for ((word = at + 1; at > 0 && word < COMP_CWORD; word++)); do
    case $command:\${COMP_WORDS[word]} in
      ${valuedOf(commands)}) ((word++)) ;;
      *:-*) ;;
      *) first=\${COMP_WORDS[word]}; break ;;
    esac
  done
  COMPREPLY=()
  case $command in
    '')
${valuesOf(options)}
      _tscompose_options "${words(options)} ${commands.map(({ name }) => name).join(' ')}" ;;
${commands
  .map(
    command => `    ${command.name})
${valuesOf(command.options)}
      if [[ $current == -* ]]; then _tscompose_options "${words(command.options)} --help"
      ${positionalOf(command)}
      fi ;;`,
  )
  .join('\n')}
  esac
}
complete -F _tscompose tscompose
`
}

function words(options: readonly DescribedOption[]): string {
  return options.flatMap(({ names }) => names).join(' ')
}

/** What may stand behind an option that takes a value. */
function valuesOf(options: readonly DescribedOption[]): string {
  const cases = options
    .filter(({ value }) => value !== undefined)
    .map(option => `        ${option.names.join('|')}) ${completionOf(option)} return ;;`)
  return cases.length === 0 ? '      :' : `      case $previous in\n${cases.join('\n')}\n      esac`
}

function completionOf({ value, choices }: DescribedOption): string {
  if (choices.length > 0) return `_tscompose_options "${choices.join(' ')}";`
  if (value === 'file') return 'COMPREPLY=($(compgen -f -- "$current"));'
  if (value === 'folder') return 'COMPREPLY=($(compgen -d -- "$current"));'
  return value === 'service' ? '_tscompose_services;' : ''
}

/** `up:--scale|up:--pull` …: options of commands behind which a value stands. */
function valuedOf(commands: readonly DescribedCommand[]): string {
  const names = commands.flatMap(({ name, options }) =>
    options.flatMap(option =>
      option.value === undefined ? [] : option.names.map(flag => `${name}:${flag}`),
    ),
  )
  return names.join('|')
}

function positionalOf(command: DescribedCommand): string {
  if (takesServices(command)) return 'else _tscompose_services'
  const first = 'elif [[ -z $first ]]; then'
  if (takesService(command)) return `${first} _tscompose_services`
  return command.words.length > 0 ? `${first} _tscompose_options "${command.words.join(' ')}"` : 'else :'
}
