using System.ComponentModel;
using System.Globalization;

namespace MetaEol.Extensions;

/// <summary>Lets the configuration binder read a <see cref="LayerSelector"/>.</summary>
internal sealed class LayerSelectorTypeConverter : TypeConverter
{
    public override bool CanConvertFrom(ITypeDescriptorContext? context, Type sourceType) =>
        sourceType == typeof(string) || base.CanConvertFrom(context, sourceType);

    public override object? ConvertFrom(ITypeDescriptorContext? context, CultureInfo? culture, object value) =>
        value is string text ? LayerSelector.Parse(text, CultureInfo.InvariantCulture) : base.ConvertFrom(context, culture, value);
}
