export { convert, type Stack, type StackService } from './convert/convert.ts'
