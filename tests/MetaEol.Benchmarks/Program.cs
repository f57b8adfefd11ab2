using System.Globalization;
using BenchmarkDotNet.Running;
using MetaEol.Benchmarks;

switch (args.FirstOrDefault())
{
    case FirstVector.Argument:
        await FirstVector.RunAsync().ConfigureAwait(false);
        break;
    case PeakMemory.Argument:
        PeakMemory.Run(args[1], int.Parse(args[2], CultureInfo.InvariantCulture));
        break;
    case SearchFigures.Argument:
        await new SearchFigures(Console.Out, args.Length > 1 ? int.Parse(args[1], CultureInfo.InvariantCulture) : 100_000).RunAsync().ConfigureAwait(false);
        break;
    case ServeFigures.Argument:
        await using (ServeFigures served = await ServeFigures.StartAsync(Console.Out, args).ConfigureAwait(false))
        {
            await served.RunAsync().ConfigureAwait(false);
        }

        break;
    case ServeFigures.LoadArgument:
        // The texts come again and again, and would fill a larger cache all along: its growth is not what is looked for.
        await using (ServeFigures loaded = await ServeFigures.StartAsync(Console.Out, args, prefixCacheBytes: 8 << 20).ConfigureAwait(false))
        {
            await loaded.LoadAsync(TimeSpan.FromSeconds(args.Length > 1 && double.TryParse(args[1], CultureInfo.InvariantCulture, out double seconds) ? seconds : 60)).ConfigureAwait(false);
        }

        break;
    case "--prepending":
        using (var table = new FigureTable(Console.Out, full: args.Contains("--full")))
        {
            table.RunPrepending();
        }

        break;
    case FilterFigures.Argument:
        new FilterFigures(
            Console.Out,
            args.Length > 1 ? int.Parse(args[1], CultureInfo.InvariantCulture) : 2048,
            args.Length > 2 ? int.Parse(args[2], CultureInfo.InvariantCulture) : 128_256).Run();
        break;
    case "--quick" or "--full":
        using (var table = new FigureTable(Console.Out, full: args[0] == "--full"))
        {
            table.Run();
        }

        break;
    default:
        Run(args);
        break;
}

// A method of its own, so that the processes above do not load BenchmarkDotNet.
static void Run(string[] args) => BenchmarkSwitcher.FromAssembly(typeof(FigureTable).Assembly).Run(args);
