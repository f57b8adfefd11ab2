using MetaEol.Fuzz.Running;
using MetaEol.Fuzz.Soak;

return args.FirstOrDefault() switch
{
    Worker.Argument => Worker.Run(args[1..]),
    "check" => FuzzCommand.Check(args[1..]),
    SoakOptions.Argument => await SoakCommand.RunAsync(args[1..]).ConfigureAwait(false),
    "--list" => FuzzCommand.List(),
    "--help" or "-h" => FuzzCommand.Help(),
    _ => FuzzCommand.Run(args),
};
