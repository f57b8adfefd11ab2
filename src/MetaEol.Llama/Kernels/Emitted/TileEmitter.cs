namespace MetaEol.Llama.Kernels.Emitted;

/// <summary>Emits register tiles of up to 8 rows × 3 vectors of 512 bits: functions that take a <see cref="TileArguments"/>.</summary>
/// <remarks>
/// Registers 0 to 23 hold the sums, 24 to 26 a step's weights, 27 to 30 broadcast inputs. A step multiplies 32 bits of each row: four 8-bit numbers or two bfloat16. Only
/// general-purpose registers are used that no calling convention wants back.
/// </remarks>
internal sealed class TileEmitter(Assembler code, bool windows)
{
    /// <summary>Most rows of a tile.</summary>
    public const int MaxRows = 8;

    /// <summary>Outputs of a panel.</summary>
    public const int Width = Vectors * 16;

    private const int Vectors = 3;
    private const int VectorBytes = 64;

    // Panels come from memory where there are few rows; 48 steps ahead, they are there in time. On 27 rows of a large product this gains 70 %.
    private const int PrefetchBytes = 48 * RowBytes;

    private const int RowBytes = Vectors * VectorBytes;
    private const int FirstWeight = MaxRows * Vectors;
    private const int FirstInput = FirstWeight + Vectors;
    private const int FirstSaved = 6, LastSaved = 15;

    private const Gpr Arguments = Gpr.Rax, Counter = Gpr.Rcx, Weights = Gpr.Rdx, Input = Gpr.R8, LowerInput = Gpr.R9, Stride = Gpr.R10, ThreeStrides = Gpr.R11;

    private static int SumOf(int row, int vector) => (row * Vectors) + vector;

    /// <summary>8 bits: sums of one block of columns, scaled, then stored or added to the sums before.</summary>
    public void Int8(int rows, bool add)
    {
        int tile = Begin(rows);
        Load(Weights, TileField.Starts);
        for (int row = 0; row < rows; row++)
        {
            code.Broadcast(SumOf(row, 0), new Address(Weights, row * sizeof(int)));
            code.MoveVector(SumOf(row, 1), SumOf(row, 0));
            code.MoveVector(SumOf(row, 2), SumOf(row, 0));
        }

        Steps(rows, (sum, weight, input) => code.DotBytes(sum, weight, input));

        Load(Weights, TileField.WeightScales);
        for (int vector = 0; vector < Vectors; vector++)
        {
            code.LoadVector(FirstWeight + vector, new Address(Weights, vector * VectorBytes));
        }

        Load(Counter, TileField.InputScales);
        Load(Weights, TileField.Sums);
        for (int row = 0; row < rows; row++)
        {
            code.Broadcast(FirstInput, new Address(Counter, row * sizeof(float)));
            for (int vector = 0; vector < Vectors; vector++)
            {
                int sum = SumOf(row, vector), scale = FirstInput + 1 + vector;
                code.ToSingle(sum, sum);
                code.Multiply(scale, FirstInput, FirstWeight + vector);
                if (add)
                {
                    code.MultiplyAdd(sum, scale, PlaceOf(row, vector));
                }
                else
                {
                    code.Multiply(sum, sum, scale);
                }

                code.StoreVector(PlaceOf(row, vector), sum);
            }
        }

        Advance(TileField.InputScales, rows * sizeof(float));
        Advance(TileField.Starts, rows * sizeof(int));
        End(tile, rows);
    }

    /// <summary>bfloat16: sums of one block of columns, beginning with zero or with the sums before.</summary>
    public void BFloat16(int rows, bool add)
    {
        int tile = Begin(rows);
        Load(Weights, TileField.Sums);
        ForSums(rows, (row, vector) =>
        {
            if (add)
            {
                code.LoadVector(SumOf(row, vector), PlaceOf(row, vector));
            }
            else
            {
                code.ClearVector(SumOf(row, vector));
            }
        });
        Steps(rows, (sum, weight, input) => code.DotBFloat16(sum, weight, input));
        Load(Weights, TileField.Sums);
        ForSums(rows, (row, vector) => code.StoreVector(PlaceOf(row, vector), SumOf(row, vector)));
        End(tile, rows);
    }

    /// <summary>A function without arguments that returns the operating system's XCR0: which register states it saves.</summary>
    public void SavedStates()
    {
        code.EndBranch();
        code.Clear(Gpr.Rcx);
        code.ReadExtendedControl();
        code.ShiftLeft(Gpr.Rdx, 32);
        code.Or(Gpr.Rax, Gpr.Rdx);
        code.Return();
    }

    private static Address PlaceOf(int row, int vector) => new(Weights, (row * RowBytes) + (vector * VectorBytes));

    private static Address Field(TileField field) => new(Arguments, (int)field);

    private static void ForSums(int rows, Action<int, int> body)
    {
        for (int row = 0; row < rows; row++)
        {
            for (int vector = 0; vector < Vectors; vector++)
            {
                body(row, vector);
            }
        }
    }

    private int Begin(int rows)
    {
        code.EndBranch();
        code.Move(Arguments, windows ? Gpr.Rcx : Gpr.Rdi);
        ForSaved(code.StoreQuarter);
        Load(Stride, TileField.InputStride);
        code.LoadAddress(ThreeStrides, new Address(Stride, 0, Stride, 2));
        int tile = code.Position;
        Load(Input, TileField.Inputs);
        if (rows > 4)
        {
            code.LoadAddress(LowerInput, new Address(Input, 0, Stride, 4));
        }

        return tile;
    }

    private void Steps(int rows, Action<int, int, int> dot)
    {
        Load(Weights, TileField.Weights);
        Load(Counter, TileField.Steps);
        int step = code.Position;
        for (int vector = 0; vector < Vectors; vector++)
        {
            code.LoadVector(FirstWeight + vector, new Address(Weights, vector * VectorBytes));
            code.Prefetch(new Address(Weights, (vector * VectorBytes) + PrefetchBytes));
        }

        for (int row = 0; row < rows; row++)
        {
            int input = FirstInput + (row % 4);
            code.Broadcast(input, InputOf(row));
            for (int vector = 0; vector < Vectors; vector++)
            {
                dot(SumOf(row, vector), FirstWeight + vector, input);
            }
        }

        code.Add(Input, sizeof(int));
        if (rows > 4)
        {
            code.Add(LowerInput, sizeof(int));
        }

        code.Add(Weights, RowBytes);
        code.Decrement(Counter);
        code.JumpIfNotZero(step);
    }

    private static Address InputOf(int row)
    {
        Gpr first = row < 4 ? Input : LowerInput;
        return (row % 4) switch
        {
            0 => new Address(first),
            1 => new Address(first, 0, Stride),
            2 => new Address(first, 0, Stride, 2),
            _ => new Address(first, 0, ThreeStrides),
        };
    }

    private void End(int tile, int rows)
    {
        Advance(TileField.Sums, rows * RowBytes);
        Load(Input, TileField.Inputs);
        code.Add(Input, Field(TileField.TileStride));
        code.Store(Field(TileField.Inputs), Input);
        code.Decrement(Field(TileField.Tiles));
        code.JumpIfNotZero(tile);
        code.ZeroUpper();
        ForSaved((address, register) => code.LoadQuarter(register, address));
        code.Return();
    }

    private void Load(Gpr register, TileField field) => code.Load(register, Field(field));

    private void Advance(TileField field, int bytes)
    {
        code.Load(Counter, Field(field));
        code.Add(Counter, bytes);
        code.Store(Field(field), Counter);
    }

    // Windows wants the lower quarters of registers 6 to 15 back; System V none.
    private void ForSaved(Action<Address, int> body)
    {
        for (int register = FirstSaved; windows && register <= LastSaved; register++)
        {
            Address saved = Field(TileField.Saved);
            body(saved with { Displacement = saved.Displacement + ((register - FirstSaved) * 16) }, register);
        }
    }
}
