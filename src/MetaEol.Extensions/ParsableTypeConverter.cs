using System.ComponentModel;
using System.Globalization;

namespace MetaEol.Extensions;

/// <summary>Lets a configuration binder read a value that has a text form.</summary>
internal sealed class ParsableTypeConverter<T> : TypeConverter
    where T : IParsable<T>
{
    public override bool CanConvertFrom(ITypeDescriptorContext? context, Type sourceType) =>
        sourceType == typeof(string) || base.CanConvertFrom(context, sourceType);

    public override object? ConvertFrom(ITypeDescriptorContext? context, CultureInfo? culture, object value) =>
        value is string text ? T.Parse(text, CultureInfo.InvariantCulture) : base.ConvertFrom(context, culture, value);
}
