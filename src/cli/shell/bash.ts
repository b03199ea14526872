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

/**
 * A completion script for bash: commands, options, the words of options that have a few, files, and the names of what is there,
 * which the tool itself is asked for, with the global options that stand before.
 */
export function renderBash(line: CommandLine): string {
  const { options, commands } = line
  const groups = groupsOf(line)
  const valued = options.filter(({ value }) => value !== undefined).flatMap(({ names }) => names)
  return `# bash completion of tscompose: source <(tscompose completion bash)
_tscompose_names() {
  local names
  names=$(tscompose "\${globals[@]}" complete $1 2>/dev/null)
  # In single quotes: what a file says is a word, and is not expanded again.
  COMPREPLY=($(compgen -W '$names' -- "$current"))
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
  local current=\${COMP_WORDS[COMP_CWORD]} previous=\${COMP_WORDS[COMP_CWORD-1]} command= at=0 first= word name plain
  local -a globals=()
  # \`--file=x\` is three words to bash.
  [[ $previous == = ]] && previous=\${COMP_WORDS[COMP_CWORD-2]}
  for ((word = 1; word < COMP_CWORD; word++)); do
    case \${COMP_WORDS[word]} in
      ${valued.join('|')})
        name=\${COMP_WORDS[word]}
        [[ \${COMP_WORDS[word+1]} == = ]] && ((word++))
        # Its value is what is being typed.
        ((++word < COMP_CWORD)) || break
        _tscompose_plain "\${COMP_WORDS[word]}"
        globals+=("$name" "$plain") ;;
      -*) globals+=("\${COMP_WORDS[word]}") ;;
      *)
        command=\${command:+$command }\${COMP_WORDS[word]} at=$word
        case $command in ${groups.map(quoted).join('|') || "''"}) ;; *) break ;; esac ;;
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
${renderValues(options)}
      _tscompose_options "${words(options)} ${[...wordsAfter(line, '').keys()].join(' ')}" ;;
${groups.map(group => `    ${quoted(group)}) _tscompose_options "${[...wordsAfter(line, group).keys()].join(' ')}" ;;`).join('\n')}
${commands.map(renderCommand).join('\n')}
  esac
}
complete -F _tscompose tscompose
`
}

function renderCommand(command: DescribedCommand): string {
  const { first, others } = positionalsOf(command)
  return `    ${quoted(command.name)})
${renderValues(command.options)}
      if [[ $current == -* ]]; then _tscompose_options "${words(command.options)} --help"
      elif [[ -z $first ]]; then ${offer(first)}
      else ${offer(others)}
      fi ;;`
}

function words(options: readonly DescribedOption[]): string {
  return options.flatMap(({ names }) => names).join(' ')
}

/** What may stand behind options that take a value. */
function renderValues(options: readonly DescribedOption[]): string {
  const cases = options
    .filter(({ value }) => value !== undefined)
    .map(option => `        ${option.names.join('|')}) ${offer(valuesOf(option))}; return ;;`)
  return cases.length === 0 ? '      :' : `      case $previous in\n${cases.join('\n')}\n      esac`
}

function offer(candidates: Candidates): string {
  switch (candidates.kind) {
    case 'nothing':
      return ':'
    case 'files':
      return 'COMPREPLY=($(compgen -f -- "$current"))'
    case 'folders':
      return 'COMPREPLY=($(compgen -d -- "$current"))'
    case 'words':
      return `_tscompose_options "${candidates.words.join(' ')}"`
    case 'names':
      return offerNames(candidates.of)
  }
}

/** Behind `web=` and `web:` a word goes on. */
function offerNames(kind: string): string {
  const names = `_tscompose_names ${kind}`
  if (kind === 'scales') return `${names}; compopt -o nospace 2>/dev/null`
  if (kind !== 'paths') return names
  return `${names}; compopt -o nospace 2>/dev/null; COMPREPLY+=($(compgen -f -- "$current"))`
}

/** `up:--scale|up:--pull` …: options of commands behind which a value stands. */
function valuedOf(commands: readonly DescribedCommand[]): string {
  const names = commands.flatMap(({ name, options }) =>
    options.flatMap(option =>
      option.value === undefined ? [] : option.names.map(flag => `${quoted(name)}:${flag}`),
    ),
  )
  return names.join('|')
}

function quoted(name: string): string {
  return name.includes(' ') ? `'${name}'` : name
}
