/** System call filters: a declarative profile compiled to classic BPF. */
export { type FilterTarget, type SeccompOption, seccompFilter } from './option.ts'
