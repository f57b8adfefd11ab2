using MetaEol.Cli;

return await MetaEolTool.RunAsync(args, new Terminal()).ConfigureAwait(false);
