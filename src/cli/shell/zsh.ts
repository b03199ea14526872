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

/** A completion script for zsh, with what each option and command is for. */
export function renderZsh(line: CommandLine): string {
  return `#compdef tscompose
# zsh completion of tscompose: tscompose completion zsh > "\${fpath[1]}/_tscompose"
_tscompose_names() {
  local -a names=(\${(f)"$(_call_program names tscompose $globals complete $1 2>/dev/null)"})
  # Behind a service's = or : a word goes on.
  [[ $1 == (scales|paths) ]] && compadd -S '' -a names || _describe name names
}

_tscompose_paths() {
  _tscompose_names paths
  _files
}

_tscompose() {
  local context state line
  local -a globals
  local -A opt_args
${renderWords(line, '', 'commands')}
  _arguments -C \\
${line.options.map(option => `    ${argumentOf(option)} \\`).join('\n')}
    '1: :->command' '*:: :->rest'
  case $state in
    command) _describe command commands ;;
    rest)
      local option
      for option in \${(k)opt_args}; do globals+=($option \${opt_args[$option]}); done
      _tscompose_rest ;;
  esac
}

# The words of a command that is in a group are one: \`alpha viz\`.
_tscompose_rest() {
  local -a inside
  case $words[1] in
${groupsOf(line)
  .map(group => renderGroup(line, group))
  .join('\n')}
${line.commands.map(renderCommand).join('\n')}
  esac
}
_tscompose "$@"
`
}

function renderGroup(line: CommandLine, group: string): string {
  return `    ${quote(group)})
${renderWords(line, group, 'inside', '      ')}
      if ((CURRENT == 2)); then _describe command inside
      else
        words[2]="$words[1] $words[2]"
        shift words
        ((CURRENT--))
        _tscompose_rest
      fi ;;`
}

/** A list of words, with what they are for. */
function renderWords(line: CommandLine, group: string, name: string, indent = '  '): string {
  const words = [...wordsAfter(line, group)].map(([word, help]) => `${indent}  ${quote(`${word}:${help}`)}`)
  const local = name === 'inside' ? '' : 'local -a '
  return `${indent}${local}${name}=(\n${words.join('\n')}\n${indent})`
}

function renderCommand(command: DescribedCommand): string {
  const lines = [...command.options.map(argumentOf), "'--help[Show what it does]'", ...positionalOf(command)]
  return `    ${quote(command.name)}) _arguments \\
${lines.map(line => `      ${line}`).join(' \\\n')} ;;`
}

function positionalOf(command: DescribedCommand): string[] {
  const { first, others } = positionalsOf(command)
  if (first.kind === 'nothing') return []
  if (first === others) return [quote(`*: :${actionOf(first)}`)]
  const behind = others.kind === 'nothing' ? "'*::command:_normal'" : quote(`*: :${actionOf(others)}`)
  return first.kind === 'words'
    ? [quote(`1: :${actionOf(first)}`)]
    : [quote(`1: :${actionOf(first)}`), behind]
}

/** One option for _arguments: `'(-f --file)'{-f,--file}'[help]:value:_files'`. */
function argumentOf(option: DescribedOption): string {
  const { names, value, help } = option
  const text = `[${help.replace(/[[\]\\:]/g, '\\$&')}]${value === undefined ? '' : `:${value}:${actionOf(valuesOf(option))}`}`
  if (names.length === 1) return quote(`${names[0]}${text}`)
  return `${quote(`(${names.join(' ')})`)}{${names.join(',')}}${quote(text)}`
}

function actionOf(candidates: Candidates): string {
  switch (candidates.kind) {
    case 'nothing':
      return ' '
    case 'files':
      return '_files'
    case 'folders':
      return '_files -/'
    case 'words':
      return `(${candidates.words.join(' ')})`
    case 'names':
      return candidates.of === 'paths' ? '_tscompose_paths' : `_tscompose_names ${candidates.of}`
  }
}

function quote(text: string): string {
  return `'${text.replaceAll("'", "'\\''")}'`
}
