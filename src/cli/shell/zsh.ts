import {
  type CommandLine,
  type DescribedCommand,
  type DescribedOption,
  takesService,
  takesServices,
} from './command-line.ts'

/** A completion script for zsh, with what each option and command is for. */
export function renderZsh({ options, commands }: CommandLine): string {
  return `#compdef tscompose
# zsh completion of tscompose: tscompose completion zsh > "\${fpath[1]}/_tscompose"
_tscompose_services() {
  local -a services=(\${(f)"$(_call_program services tscompose $globals config --services 2>/dev/null)"})
  _describe service services
}

_tscompose() {
  local context state line
  local -a globals
  local -A opt_args
  local -a commands=(
${commands.map(({ name, summary }) => `    ${quote(`${name}:${summary}`)}`).join('\n')}
  )
  _arguments -C \\
${options.map(option => `    ${argumentOf(option)} \\`).join('\n')}
    '1: :->command' '*:: :->rest'
  case $state in
    command) _describe command commands ;;
    rest)
      local option
      for option in \${(k)opt_args}; do globals+=($option \${opt_args[$option]}); done
      case $words[1] in
${commands.map(renderCommand).join('\n')}
      esac ;;
  esac
}
_tscompose "$@"
`
}

function renderCommand(command: DescribedCommand): string {
  const positional = takesServices(command)
    ? "'*: :_tscompose_services'"
    : takesService(command)
      ? "'1: :_tscompose_services' '*::command:_normal'"
      : command.words.length > 0
        ? quote(`1: :(${command.words.join(' ')})`)
        : ''
  const lines = [...command.options.map(argumentOf), "'--help[Show what it does]'", positional]
  return `        ${command.name}) _arguments \\
${lines
  .filter(line => line !== '')
  .map(line => `          ${line}`)
  .join(' \\\n')} ;;`
}

/** One option for _arguments: \`'(-f --file)'{-f,--file}'[help]:value:_files'\`. */
function argumentOf({ names, value, choices, help }: DescribedOption): string {
  const text = `[${help.replace(/[[\]\\:]/g, '\\$&')}]${value === undefined ? '' : `:${value}:${actionOf(value, choices)}`}`
  if (names.length === 1) return quote(`${names[0]}${text}`)
  return `${quote(`(${names.join(' ')})`)}{${names.join(',')}}${quote(text)}`
}

function actionOf(value: string, choices: readonly string[]): string {
  if (choices.length > 0) return `(${choices.join(' ')})`
  if (value === 'file') return '_files'
  if (value === 'folder') return '_files -/'
  return value === 'service' ? '_tscompose_services' : ' '
}

function quote(text: string): string {
  return `'${text.replaceAll("'", "'\\''")}'`
}
